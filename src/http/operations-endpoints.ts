// For those who run the service: /healthz (the process answers), /readyz (it can do its work), /metrics (Prometheus text).

import { Router } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServiceCertificate } from '../authority/hierarchy-keeper.ts';
import { epochSeconds, monotonicMs } from '../kernel/clock.ts';

/** One thing the service cannot do without, and how to see that it is there. */
export interface ReadinessCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
}

export interface OperationsOptions {
  readonly checks: readonly ReadinessCheck[];
  /** True from the moment a stop was asked for: load balancers then send nothing more. */
  readonly stopping: () => boolean;
  /** Entries of the audit log that are committed but not yet in the tree. */
  readonly auditQueueDepth: () => Promise<number>;
  /** Certificates that the service acts under. */
  readonly certificates: () => Promise<readonly ServiceCertificate[]>;
}

const checkTimeoutMs = 2_000;

export function operationsEndpoints(options: OperationsOptions): Router {
  const { checks, stopping, auditQueueDepth, certificates } = options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'yinxin_http_request_seconds',
    help: 'Time to answer, by kind of path, method and status class',
    labelNames: ['area', 'method', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const queueDepth = new Gauge({
    name: 'yinxin_audit_queue_depth',
    help: 'Audit entries committed and not yet in the Merkle tree',
    registers: [registry],
  });

  const certificateEnd = new Gauge({
    name: 'yinxin_certificate_not_after_seconds',
    help: 'End of the certificate that a key of the service acts under, in seconds since 1970',
    labelNames: ['key'],
    registers: [registry],
  });

  const router = Router();
  router.use((request, response, next) => {
    const startedMs = monotonicMs();
    response.once('finish', () => {
      // The first path segments only: identifiers in a label would make a series each.
      const area = /^\/(api\/v1\/[a-z-]+|[a-z-]+)/.exec(request.originalUrl)?.[1] ?? 'root';
      const labels = { area, method: request.method, status: `${Math.floor(response.statusCode / 100)}xx` };
      duration.observe(labels, (monotonicMs() - startedMs) / 1000);
    });
    next();
  });
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  router.get('/readyz', async (_request, response) => {
    const results = await Promise.all(checks.map(async ({ name, check }) => [name, await outcome(check)] as const));
    // A certificate that nears its end is no reason to send nothing more here.
    const known = await certificates().catch(() => []);
    const warnings = known.filter(({ nearsEnd }) => nearsEnd).map(warningOf);
    const good = !stopping() && results.every(([, state]) => state === 'good');
    response
      .status(good ? 200 : 503)
      .json({ status: good ? 'ready' : 'not ready', checks: Object.fromEntries(results), warnings });
  });
  router.get('/metrics', async (_request, response) => {
    queueDepth.set(await auditQueueDepth());
    certificateEnd.reset();
    for (const { keyName, certificate } of await certificates())
      certificateEnd.set({ key: keyName }, epochSeconds(certificate.notAfter));
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

function warningOf({ keyName, certificate }: ServiceCertificate): string {
  return `the certificate of ${keyName} ends ${certificate.notAfter.toISOString()}`;
}

async function outcome(check: () => Promise<void>): Promise<'good' | 'bad'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), checkTimeoutMs);
  });
  try {
    await Promise.race([check(), late]);
    return 'good';
  } catch {
    return 'bad';
  } finally {
    clearTimeout(timer);
  }
}
