// Where text messages leave, as the settings say: a gateway, the console of the sandbox, or nowhere.

import type { Config } from './config.ts';
import type { SmsOptions } from './identity/factors/create-factors.ts';
import { HttpSmsGateway } from './identity/factors/http-sms-gateway.ts';
import { consoleSms } from './identity/factors/sms-gateway.ts';
import type { Log } from './kernel/log.ts';

const maxPerDay = 10_000;

/** Codes are never printed in production. */
export function smsSource(config: Config, log: Log): SmsOptions | undefined {
  const { smsGateway, smsPerDay = maxPerDay, mode } = config;
  const sandbox = mode === 'sandbox';
  if (smsGateway !== undefined) {
    // The setting names the gateway, which may lie in the operator's own network.
    const rules = { loopback: sandbox, internalHosts: [new URL(smsGateway.url).host] };
    return { maxPerDay: smsPerDay, gateway: new HttpSmsGateway({ ...smsGateway, rules, log }) };
  }
  if (!sandbox) return undefined;
  return { maxPerDay: smsPerDay, gateway: consoleSms((line) => process.stdout.write(line)) };
}
