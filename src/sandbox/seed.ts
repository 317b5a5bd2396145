// Makes the sandbox city at the first start and whatever of it is missing at a later one; every step may be repeated.

import { addSeconds } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { house, type Principal } from '../kernel/principal.ts';
import type { Organisation } from '../identity/mandates/organisations.ts';
import type { Services } from '../services.ts';
import * as city from './city.ts';
import { sandboxLicenceIssuers, sandboxLicenceTypes } from './licence-catalogue.ts';
import { sampleLicences } from './sample-licences.ts';

/** The sandbox's licences answer to the sandbox's business system. */
const issuingSystem: Principal = {
  kind: 'system',
  clientId: 'sandbox-system',
  scopes: new Set(['licence.issue']),
  roles: new Set(),
  level: 0,
};

const yearSeconds = 365 * 24 * 3600;

export async function seedSandbox(services: Services): Promise<void> {
  const { identity, catalogue, issuers, sealMaker } = services;
  for (const client of city.clients) await identity.clients.register(client, house);
  const organisations = new Map<string, Organisation>();
  for (const organisation of city.organisations) {
    organisations.set(organisation.uscc, await organisationOf(services, organisation));
  }
  for (const person of city.people) await makePerson(services, person, organisations);
  for (const seal of city.seals) {
    const organisation = organisations.get(seal.organisation.uscc);
    if (organisation === undefined) throw new TrustError('internal', 'a sandbox seal without its organisation');
    await sealMaker.make(house, { ...seal, organisation, validDays: 3 * 365, systems: ['sandbox-system'] });
  }
  for (const type of sandboxLicenceTypes) await catalogue.publish(house, type);
  for (const issuer of sandboxLicenceIssuers) await issuers.register(house, issuer);
  for (const { order, requestKey } of sampleLicences) await services.licences.issue(issuingSystem, order, requestKey);
}

async function organisationOf(
  { identity }: Services,
  { uscc, name }: { uscc: string; name: string },
): Promise<Organisation> {
  const { organisations } = identity;
  return madeOnce(
    () => organisations.findByUscc(uscc),
    () => organisations.create({ uscc, name }, house),
  );
}

/** Two first starts at once: whoever comes second takes what the first one made. */
async function madeOnce<T>(find: () => Promise<T | undefined>, make: () => Promise<T>): Promise<T> {
  const found = await find();
  if (found !== undefined) return found;
  try {
    return await make();
  } catch (error) {
    const other = await find();
    if (other === undefined) throw error;
    return other;
  }
}

async function makePerson(
  { identity, clock }: Services,
  person: city.SandboxPerson,
  organisations: ReadonlyMap<string, Organisation>,
): Promise<void> {
  const yearFromNow = addSeconds(clock.now(), yearSeconds);
  const { accountId } = await madeOnce(
    () => identity.accounts.findByLoginName(person.loginName),
    () =>
      identity.accounts.create(
        {
          loginName: person.loginName,
          password: city.sandboxPassword,
          person: { name: person.name, idType: 'resident-id', idNumber: person.idNumber },
          roles: person.roles,
          evidence: city.evidenceOf(person.level, yearFromNow),
        },
        house,
      ),
  );
  if ((await identity.acting.partiesOf(accountId)).length > 0) return;
  if (person.loginName === city.representative)
    await identity.representatives.claim(recently(accountId), city.company.uscc);
  for (const [{ uscc }, scope] of [
    [city.company, person.actsForCompany],
    [city.trader, person.actsForTrader],
  ] as const) {
    const organisationId = organisations.get(uscc)?.organisationId;
    if (scope === undefined || organisationId === undefined) continue;
    await identity.organisations.grantMandate(
      { accountId, organisationId, scope, purpose: '沙箱用印与用证', validUntil: yearFromNow },
      house,
    );
  }

  function recently(id: string): Principal {
    return { ...house, kind: 'person', accountId: id, authenticatedAt: clock.now() };
  }
}
