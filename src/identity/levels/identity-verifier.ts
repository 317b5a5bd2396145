// The port to those who know whether a person is who they say: the authority's register, and a face compared with its photo.

/** `unavailable`: no answer that could be believed; it says nothing about the person. */
export type CheckResult =
  | { readonly result: 'match'; readonly reference: string }
  | { readonly result: 'mismatch' }
  | { readonly result: 'unavailable' };

export interface CheckedPerson {
  readonly name: string;
  /** Resident identity number (公民身份号码), 18 characters. */
  readonly idNumber: string;
}

/** Where the person shows their face: on a page of the verifier, or by the stand-in of the sandbox, which looks at nobody. */
export type FaceStage = { readonly kind: 'page'; readonly url: string } | { readonly kind: 'stand-in' };

export type StartedFaceCheck =
  | { readonly result: 'started'; readonly reference: string; readonly stage: FaceStage }
  | { readonly result: 'unavailable' };

/** None of these throws: what a verifier does wrong is `unavailable`. */
export interface IdentityVerifier {
  /** Names the source of evidence; short ASCII. */
  readonly source: string;
  /** Whether the register knows this name with this number; not which of the two it does not. */
  matchRegister(person: CheckedPerson, requestId: string): Promise<CheckResult>;
  /** The verifier sends the person back to `returnUrl` when it has looked. */
  startFaceCheck(person: CheckedPerson, request: { requestId: string; returnUrl: string }): Promise<StartedFaceCheck>;
  /** `standIn` is what the sandbox's form said; every other verifier takes no notice of it. */
  faceResult(check: {
    reference: string;
    requestId: string;
    standIn: 'match' | 'mismatch' | undefined;
  }): Promise<CheckResult | { readonly result: 'pending' }>;
}
