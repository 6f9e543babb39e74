import {
  getUIMessages,
  handleChatReconnect,
  handleChatStream,
  snapshotOf,
  typedErrorResponse,
} from '@helix-agents/ai-sdk';
import { HelixError, toJson, type SessionIdentity } from '@helix-agents/core';
import { Hono, type Context } from 'hono';
// Of a namespace, bundlers leave out what is not used; of the object `z`, nothing.
import * as z from 'zod';
import type { ResolvedConfig } from '../agent-server-config.ts';
import type { Principal } from '../principal.ts';
import { readJson, readOptionalJson } from '../read-json.ts';
import type { SessionAccess } from './session-access.ts';

/** What the routes know of a request: who asks. */
export interface RequestScope {
  Variables: { access: SessionAccess };
}

type ChatContext = Context<RequestScope, '/chat/:id'>;

const maxStopBytes = 4096;
const stopBody = z.object({ reason: z.string().max(500).optional() });
const count = (least: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= least, `must be a whole number from ${least} on`)
    .transform(Number);
const reconnectQuery = z.object({ after: count(0).optional(), ended: z.string().max(100).optional() });
const pageQuery = z.object({ limit: count(1).optional(), before: z.string().optional() });

/** `POST /chat`, `POST /chat/{id}` and what belongs to a chat. */
export function chatRoutes(config: ResolvedConfig): Hono<RequestScope> {
  return (
    new Hono<RequestScope>()
      .post('/chat', (c) => chat(config, c.var.access, c.req.raw))
      .post('/chat/:id', (c) => chat(config, c.var.access, c.req.raw, c.req.param('id')))
      .get('/chat/:id/stream', (c) => stream(config, c))
      .get('/chat/:id/snapshot', (c) => snapshot(config, c))
      .get('/chat/:id/history', (c) => history(config, c))
      .post('/chat/:id/interrupt', (c) => stop(config, c, 'interrupt'))
      .post('/chat/:id/abort', (c) => stop(config, c, 'abort'))
      // Last: where these routes are mounted, the host's `notFound` would answer what they do not.
      .all('/chat', unknownRoute)
      .all('/chat/*', unknownRoute)
  );
}

/** The answer to a path that there is not. */
export function unknownRoute({ req }: Context): Response {
  return typedErrorResponse(new HelixError('input_unknown_route', `there is no ${req.method} ${req.path}`));
}

/** The answer to a method that a path does not know. */
export function unknownMethod({ req }: Context, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  const message = `${req.path} takes ${allow}, and no ${req.method}`;
  const refusal = typedErrorResponse(new HelixError('input_wrong_method', message));
  refusal.headers.set('allow', allow);
  return refusal;
}

async function chat(
  { maxBodyBytes, ...config }: ResolvedConfig,
  access: SessionAccess,
  request: Request,
  pathId?: string,
): Promise<Response> {
  const body = await readJson(request, maxBodyBytes);
  const { id, agent } = body !== null && typeof body === 'object' ? (body as { id?: unknown; agent?: unknown }) : {};
  const sessionId = pathId ?? id;
  const session = typeof sessionId === 'string' ? await access.find(sessionId) : null;
  return handleChatStream({
    ...config,
    body,
    agent: access.agentFor(session, agent),
    authorize: access.allows,
    sessionId: pathId,
    ...(access.principal && { identity: identityOf(access.principal) }),
  });
}

/** What a session keeps of who made it; whatever else a host's principal carries stays out of the record. */
function identityOf({ userId, tags, metadata }: Principal): SessionIdentity {
  try {
    return toJson({ userId, ...(tags && { tags }), ...(metadata && { metadata }) }) as SessionIdentity;
  } catch (cause) {
    // The fault of the host, not of who asks.
    throw new HelixError('framework_internal', 'authenticate gave a principal that is no JSON', { cause });
  }
}

async function stream(config: ResolvedConfig, c: ChatContext): Promise<Response> {
  const { access } = c.var;
  const { after, ended } = query(reconnectQuery, c);
  const session = await access.load(c.req.param('id'));
  return handleChatReconnect({
    ...config,
    sessionId: session.sessionId,
    agent: access.agentOf(session),
    authorize: access.allows,
    after,
    ended,
  });
}

async function snapshot({ stateStore, sendStatePatches }: ResolvedConfig, c: ChatContext): Promise<Response> {
  const { limit } = query(pageQuery, c);
  const session = await c.var.access.load(c.req.param('id'));
  const page = { stateStore, limit };
  return c.json(await snapshotOf(session, { ...page, withState: sendStatePatches }));
}

async function history({ stateStore }: ResolvedConfig, c: ChatContext): Promise<Response> {
  const { limit, before } = query(pageQuery, c);
  const { sessionId } = await c.var.access.load(c.req.param('id'));
  const page = { limit, before };
  return c.json(await getUIMessages({ stateStore, sessionId, ...page }));
}

/** Answers when the stop is recorded; how the run ended is told by its stream and the snapshot. */
async function stop({ executor }: ResolvedConfig, c: ChatContext, kind: 'interrupt' | 'abort'): Promise<Response> {
  const { access } = c.var;
  const session = await access.load(c.req.param('id'));
  const { reason } = check(stopBody, await readOptionalJson(c.req.raw, maxStopBytes));
  await executor[kind](access.agentOf(session), session.sessionId, reason);
  return c.json({ sessionId: session.sessionId, requested: kind }, 202);
}

function query<T>(schema: z.ZodType<T>, c: ChatContext): T {
  return check(schema, c.req.query());
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new HelixError('input_invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is not valid'}`);
}
