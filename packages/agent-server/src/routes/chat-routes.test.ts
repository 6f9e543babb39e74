// Would catch: a server that refuses in the words of its host where it is mounted, so that its clients cannot read why.
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { makeServer } from '../../test/server-fixture.ts';

describe('mounted in another application', () => {
  it.each([
    ['OPTIONS', '/chat'],
    ['PUT', '/chat'],
    ['OPTIONS', '/chat/s1'],
    ['PUT', '/chat/s1'],
    ['DELETE', '/chat/s1'],
    ['PATCH', '/chat/s1'],
    ['POST', '/chat/s1/snapshot'],
    ['GET', '/chat/s1/interrupt'],
    ['GET', '/chat/s1/what/ever'],
  ])('%s %s, which there is not, is answered with a typed error', async (method, path) => {
    const host = new Hono().route('/api', makeServer().server.app);
    const response = await host.request(`/api${path}`, { method, headers: { 'x-user': 'ann' } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'input_unknown_route',
      detail: `there is no ${method} /api${path}`,
    });
  });

  it('leaves what is not below /chat to its host', async () => {
    const host = new Hono().route('/api', makeServer().server.app).get('/api/mine', (c) => c.text('mine'));
    expect(await (await host.request('/api/mine', { headers: { 'x-user': 'ann' } })).text()).toBe('mine');
  });
});
