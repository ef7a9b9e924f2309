import { ErasureInput, ErasureResult } from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import type { Erasure } from './erasure.ts';

/** Adds POST /v1/erasures. */
export function addErasureRoutes(http: HttpServer, erasure: Erasure): void {
  http.post(
    '/v1/erasures',
    {
      preHandler: allow('admin'),
      schema: {
        tags: ['platform'],
        summary: 'Erase what a device, or the devices of an asset, measured: readings, raw messages, copies; for good',
        body: ErasureInput,
        response: { 200: ErasureResult },
      },
    },
    async ({ principal: { tenant }, body }) => erasure.erase(tenant, body),
  );
}
