// Would catch: a server that refuses in the words of its host where it is mounted, so that its clients cannot read why.
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { makeServer } from '../../test/server-fixture.ts';

describe('mounted in another application', () => {
  const headers = { 'x-user': 'ann' };

  it.each([
    ['OPTIONS', '/chat', 'POST'],
    ['PUT', '/chat', 'POST'],
    ['OPTIONS', '/chat/s1', 'POST'],
    ['PUT', '/chat/s1', 'POST'],
    ['DELETE', '/chat/s1', 'POST'],
    ['PATCH', '/chat/s1', 'POST'],
    ['POST', '/chat/s1/snapshot', 'GET, HEAD'],
    ['GET', '/chat/s1/interrupt', 'POST'],
  ])('%s %s, which knows other methods, is told these', async (method, path, allow) => {
    const { app } = makeServer().server;
    for (const base of ['/api', '/of/:tenant']) {
      const host = new Hono().route(base, app).notFound((c) => c.text('of the host', 404));
      const url = `${base.replace(':tenant', 'acme')}${path}`;
      const response = await host.request(url, { method, headers });
      expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
      expect(await response.json()).toMatchObject({
        code: 'input_wrong_method',
        detail: expect.stringContaining(url),
      });
    }
  });

  it('a path that there is not is answered with a typed error', async () => {
    const host = new Hono().route('/api', makeServer().server.app);
    const response = await host.request('/api/chat/s1/what/ever', { headers });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'input_unknown_route',
      detail: 'there is no GET /api/chat/s1/what/ever',
    });
  });

  it('leaves what is not below /chat to its host', async () => {
    const host = new Hono().route('/api', makeServer().server.app).get('/api/mine', (c) => c.text('mine'));
    expect(await (await host.request('/api/mine', { headers: { 'x-user': 'ann' } })).text()).toBe('mine');
  });
});
