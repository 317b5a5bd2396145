// Proves what a process that dies in a deed of two people leaves behind: the deed is done or not, never twice, and both are told which.

import assert from 'node:assert/strict';
import { Authority } from '../../../src/authority/authority.ts';
import type { AuthorityDeed } from '../../../src/authority/authority-deed.ts';
import { IntentStore } from '../../../src/authority/intent-store.ts';
import type { Proposal, ProposalsOptions } from '../../../src/authority/proposals.ts';
import { Proposals } from '../../../src/authority/proposals.ts';
import type { KeyStore } from '../../../src/crypto/key-store.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { wordsOfProposal } from '../../../src/kernel/words/proposal.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { administrator, authorityHouse, publicUrl } from './authority-house.ts';

const [one, two] = [administrator('acc_one'), administrator('acc_two')];
const executingMs = 60_000;

/**
 * Where a process can end: `taken` by the approval; `intended`, the key not yet asked; `signed`, nothing stored of it; `done`, the
 * answer not yet given. Deeds that sign nothing know the first and the last only.
 */
const points = ['taken', 'intended', 'signed', 'done'] as const;
type Point = (typeof points)[number];

describe('deeds of two people under failure', () => {
  let setup: AuthorityHouse;
  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
  });
  after(() => setup.close());

  const serialOf = async (name: string) => (await setup.authority.certificateOf(name)).certificate.serialHex;

  /** Approves in a process that stops at `point` for ever; resolves when it is there. `go` lets it go on. */
  function stopAt(
    point: Point,
    proposal: Proposal,
  ): { reached: Promise<void>; go: () => void; approval: Promise<Proposal> } {
    let reach: () => void = () => undefined;
    let go: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const released = new Promise<void>((resolve) => (go = resolve));
    const at = async (here: Point) => {
      if (here !== point) return;
      reach();
      await released;
    };
    const { database, clock, audit } = setup;
    const authority = new Authority({
      database,
      audit,
      clock,
      publicUrl,
      log: silentLog,
      keys: stopping(setup.keys, at),
    });
    const office: ProposalsOptions['office'] = {
      checkDeed: (deed) => authority.office.checkDeed(certificateDeed(deed)),
      execute: async (principal, deed, tie) => {
        await at('taken');
        const result = await authority.office.execute(principal, certificateDeed(deed), tie);
        await at('done');
        return result;
      },
    };
    const proposals = new Proposals({ database, audit, clock, log: silentLog, office, intents: new IntentStore() });
    const approval = proposals.approve(two, proposal.proposalId, proposal.deedSha256);
    approval.catch(() => undefined);
    return { reached, go, approval };
  }

  const outcomes = async (objectId: string): Promise<string[]> => {
    const { items } = await setup.audit.entries({ objectId, limit: 20 });
    return items.map(({ outcome, code }) => (code === null ? outcome : `${outcome} ${code}`)).reverse();
  };
  const intended = async (): Promise<number> => {
    const { rows } = await setup.database.query<{ count: number }>({
      text: `SELECT count(*)::int AS count FROM pki.certificate WHERE state = 'intended'`,
    });
    return rows[0]?.count ?? -1;
  };
  const state = async ({ proposalId }: Proposal) => setup.authority.proposals.get(one, proposalId);

  async function reconciled(): Promise<number> {
    const processes = [setup.authority, setup.another().authority, setup.another().authority];
    assert.deepEqual(await Promise.all(processes.map((authority) => authority.proposals.endInterrupted())), [0, 0, 0]);
    setup.clock.advance(executingMs + 1);
    const ended = await Promise.all(processes.map((authority) => authority.proposals.endInterrupted()));
    return ended.reduce((sum, count) => sum + count, 0);
  }

  const deeds: readonly { name: string; deed: () => Promise<AuthorityDeed>; points: readonly Point[] }[] = [
    { name: 'renewal', deed: async () => ({ kind: 'renew', serial: await serialOf('seal-ca') }), points },
    { name: 'changeover', deed: async () => ({ kind: 'rekey', authority: 'service-ca' }), points },
    {
      name: 'suspension',
      deed: async () => ({ kind: 'suspend', serial: await serialOf('seal-ca-sm2') }),
      points: ['taken', 'done'],
    },
  ];

  for (const { name, deed, points: where } of deeds) {
    for (const point of where) {
      it(`a ${name} whose process dies when it is ${point} is ${point === 'done' ? 'done' : 'told as interrupted, and can be proposed again'}`, async () => {
        const wanted = await deed();
        const before = (await setup.authority.issuers()).length;
        const proposal = await setup.authority.proposals.propose(one, wanted);
        await stopAt(point, proposal).reached;
        const done = point === 'done';
        assert.equal((await state(proposal)).state, done ? 'executed' : 'executing');
        assert.equal(await reconciled(), done ? 0 : 1, 'one of three processes ends it, and only after its time');
        const ended = await state(proposal);
        assert.equal(await intended(), 0, 'no intent is left without its outcome');
        if (done) {
          assert.deepEqual(
            [ended.state, await outcomes(proposal.proposalId)],
            ['executed', ['done', 'intended', 'done']],
          );
          return;
        }
        assert.deepEqual([ended.state, ended.result], ['failed', 'proposal-interrupted']);
        assert.match(wordsOfProposal(ended).en, /Nothing was done\. Propose it again/);
        assert.match(wordsOfProposal(ended)['zh-CN'], /重新提交申请/);
        assert.deepEqual(await outcomes(proposal.proposalId), ['done', 'intended', 'failed proposal-interrupted']);
        assert.equal((await setup.authority.issuers()).length, before);
        const again = await setup.authority.proposals.propose(one, wanted);
        await setup.authority.proposals.reject(one, again.proposalId);
      });
    }
  }

  it('a process that was only slow finds its deed given up, and does nothing', async () => {
    for (const point of ['taken', 'intended', 'signed'] as const) {
      const serial = await serialOf('seal-ca');
      const proposal = await setup.authority.proposals.propose(one, { kind: 'renew', serial });
      const slow = stopAt(point, proposal);
      await slow.reached;
      assert.equal(await reconciled(), 1);
      slow.go();
      await assert.rejects(slow.approval, (error) => isTrustError(error, 'proposal-interrupted'));
      assert.equal(await serialOf('seal-ca'), serial, 'the authority keeps its certificate');
      assert.equal((await state(proposal)).result, 'proposal-interrupted');
      assert.equal(await intended(), 0);
    }
  });

  it('an answer to the commit that is lost after a deed was done is no failure', async () => {
    const proposal = await setup.authority.proposals.propose(one, {
      kind: 'resume',
      serial: await serialOf('seal-ca-sm2'),
    });
    const { database, clock, audit, authority } = setup;
    const office: ProposalsOptions['office'] = {
      checkDeed: async () => undefined,
      execute: async (principal, deed, tie) => {
        await authority.office.execute(principal, certificateDeed(deed), tie);
        throw new Error('connection lost');
      },
    };
    const proposals = new Proposals({ database, audit, clock, log: silentLog, office, intents: new IntentStore() });
    const { state: told } = await proposals.approve(two, proposal.proposalId, proposal.deedSha256);
    assert.equal(told, 'executed');
  });
});

function certificateDeed(deed: AuthorityDeed): Parameters<Authority['office']['execute']>[1] {
  assert.ok(!('purposes' in deed) && !('sha256' in deed), 'not a deed on a trust anchor');
  return deed;
}

/** The key store, whose authorities' keys stop before and after they sign. */
function stopping(keys: KeyStore, at: (point: Point) => Promise<void>): KeyStore {
  return {
    create: (request) => keys.create(request),
    find: (name) => keys.find(name),
    family: (name) => keys.family(name),
    list: () => keys.list(),
    digestSigner: (name) => keys.digestSigner(name),
    signer: async (name, purpose) => {
      const signer = await keys.signer(name, purpose);
      return {
        ...signer,
        sign: async (data, form) => {
          await at('intended');
          const signature = await signer.sign(data, form);
          await at('signed');
          return signature;
        },
      };
    },
  };
}
