// Who answers for people's names, numbers and faces in this deployment: the authority's gateway, in the sandbox a register of synthetic people, or nobody.

import type { Config } from './config.ts';
import { IdentityGateway } from './identity/levels/identity-gateway.ts';
import type { IdentityVerifier } from './identity/levels/identity-verifier.ts';
import { sandboxRegister } from './identity/levels/sandbox-register.ts';
import { type OrganisationRegister, sandboxOrganisationRegister } from './identity/mandates/organisation-register.ts';
import type { Log } from './kernel/log.ts';
import { registeredOrganisations, registeredPeople } from './sandbox/city.ts';

/** Who is asked about people, and whose an organisation is. */
interface IdentitySource {
  readonly verifier?: IdentityVerifier;
  readonly organisationRegister?: OrganisationRegister;
}

export function identitySource({ identityGateway, mode }: Config, log: Log): IdentitySource {
  if (identityGateway !== undefined) {
    const { url, token, source, pageOrigins } = identityGateway;
    // The setting names the gateway, which lies in the authority's network.
    const rules = { loopback: mode === 'sandbox', internalHosts: [new URL(url).host] };
    const gateway = new IdentityGateway({ url, token, source, pageOrigins, rules, log });
    return { verifier: gateway, organisationRegister: gateway };
  }
  if (mode !== 'sandbox') return {};
  return {
    verifier: sandboxRegister(registeredPeople),
    organisationRegister: sandboxOrganisationRegister(registeredOrganisations),
  };
}
