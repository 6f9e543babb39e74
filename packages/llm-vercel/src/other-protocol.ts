import { HelixError } from '@helix-agents/core';
import type { ErrorFacts } from './error-facts.ts';

/**
 * Who answers with a page, or has never heard of the path, is not the API. A 404 for a model speaks of models, and one for a file, an
 * item or an ability says so in words of its own.
 */
export function isOtherPlace({ status = 0, headers, codes, message, body, hasOwnWords }: ErrorFacts): boolean {
  const isPage = isMarkup(headers['content-type']);
  if (status >= 200 && status < 300) return isPage;
  if (status !== 404 && status !== 405) return false;
  if (isPage) return true;
  if (hasOwnWords && !saysOnlyNoSuchPath(message)) return false;
  return !/model|deployment/i.test([...codes, message, body].join(' '));
}

/** The status once more, or what OpenAI and its likes say where `/v1` is missing: `Invalid URL (POST /chat/completions)`. */
function saysOnlyNoSuchPath(message: string): boolean {
  return /^\W*(((resource|route|path|page|endpoint) )?not found|method not allowed)\W*$|^(invalid|unknown|unrecognized) (request )?url\b/i.test(
    message,
  );
}

export function otherPlace({ status, headers, url }: ErrorFacts): string {
  const [type = 'nothing'] = (headers['content-type'] ?? '').split(';').filter(Boolean);
  return `the base URL does not speak this protocol: ${url ?? 'it'} answered ${status} with ${type}`;
}

/**
 * What to say of a model that answered 2xx with something that holds no event at all; undefined where it did send events, or does not
 * say what it sent.
 */
export function refuseOtherProtocol(headers: Readonly<Record<string, string>> | undefined): HelixError | undefined {
  const [type] = (headers?.['content-type'] ?? '').split(';');
  if (!type || /event-?stream|ndjson/i.test(type)) return undefined;
  if (/json/i.test(type)) return new HelixError('provider_bad_response', jsonInstead(type), { retryable: false });
  const message = `the base URL does not speak this protocol: it answered with ${type} instead of a stream of events`;
  return new HelixError('provider_unreachable', message, { retryable: false });
}

/** The body is gone: the AI SDK's packages read events, and pass on nothing else. */
function jsonInstead(type: string): string {
  return (
    `the provider answered with ${type} instead of a stream of events: an error, or a server that does not stream; ` +
    'new VercelAIAdapter({ streaming: false }) reads such answers'
  );
}

function isMarkup(contentType = ''): boolean {
  return /^(text\/html|application\/xhtml)/i.test(contentType);
}
