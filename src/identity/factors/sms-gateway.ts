// The port through which text messages leave, and its sandbox side: a line on standard output for each.

export interface SmsMessage {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** The same for a message that is sent again, so that a gateway can tell. */
  readonly messageId: string;
}

export interface SmsGateway {
  /** Throws `sms-unavailable`. */
  send(message: SmsMessage): Promise<void>;
}

/** For the sandbox: whoever runs it reads the codes where it runs. */
export function consoleSms(write: (line: string) => void): SmsGateway {
  return {
    send: async ({ to, text }) => {
      write(`SMS ${to}: ${text}\n`);
    },
  };
}
