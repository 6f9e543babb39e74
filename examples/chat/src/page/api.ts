import type { ChatSnapshot, UIMessagesPage } from '@helix-agents/ai-sdk';

/** What answers, as the page says it. */
export interface About {
  readonly model: string;
  readonly isOffline: boolean;
}

/** A conversation in the list. */
export interface ChatEntry {
  readonly id: string;
  readonly title: string;
  readonly live: boolean;
  /** When it went on last, in unix ms. */
  readonly updatedAt: number;
}

/** Some conversations, newest first. */
export interface ChatsPage {
  readonly chats: readonly ChatEntry[];
  /** Gives those before; null where there are none. */
  readonly cursor: string | null;
}

export const chatApi = '/api/chat';

/** After this, a server that says nothing is one that is not there. */
const maxWaitMs = 15_000;

export const getAbout = () => getJson<About>('/api/about');
export const getChats = (cursor: string | null) =>
  getJson<ChatsPage>(cursor === null ? '/api/chats' : `/api/chats?cursor=${encodeURIComponent(cursor)}`);
export const getHistory = (id: string, before: string) =>
  getJson<UIMessagesPage>(`${chatApi}/${id}/history?before=${before}`);

/** Null for a conversation that nothing was said in yet. */
export async function getSnapshot(id: string): Promise<ChatSnapshot | null> {
  const response = await ask(`${chatApi}/${id}/snapshot`);
  return response.status === 404 ? null : readJson<ChatSnapshot>(response);
}

/** Asks for a stop; resolves when it is recorded. */
export async function interrupt(id: string): Promise<void> {
  await readJson(await ask(`${chatApi}/${id}/interrupt`, { method: 'POST' }));
}

/** Removes a conversation for good; one that the server does not have is gone already. */
export async function deleteChat(id: string): Promise<void> {
  const response = await ask(`/api/chats/${id}`, { method: 'DELETE' });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(path, { ...init, signal: AbortSignal.timeout(maxWaitMs) });
}

async function getJson<T>(path: string): Promise<T> {
  return readJson<T>(await ask(path));
}

async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(text || `the server answered ${response.status}`);
  return JSON.parse(text) as T;
}
