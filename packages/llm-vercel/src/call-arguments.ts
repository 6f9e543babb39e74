/** Arguments as a model wrote them: data, or why they are none. */
export type CallArguments = { readonly value: unknown } | { readonly malformed: string };

/** No text at all, or `null`, is how models call a tool without parameters, unless the reply `wasCut` there. */
export function readArguments(text: string, wasCut: boolean): CallArguments {
  if (wasCut && saysNothing.test(text)) return cutOff;
  if (text.trim() === '') return { value: {} };
  try {
    return { value: (JSON.parse(text) as unknown) ?? {} };
  } catch (error) {
    if (wasCut) return cutOff;
    return {
      malformed: `The arguments are not valid JSON (${(error as Error).message}). Received: ${excerpt(text)}`,
    };
  }
}

/**
 * Some packages make an empty object of it. In a reply that was cut nobody knows what would have come: without its arguments the tool
 * would do something else than was meant.
 */
const saysNothing = /^\s*(\{\s*\}\s*)?$/;

/** The model would take the error of a parser for a mistake of its own, and write as much again. */
const cutOff = {
  malformed:
    'The reply was cut off before the arguments were complete, most likely at its limit of tokens. Write less at once.',
};

const excerptChars = 200;

function excerpt(text: string): string {
  return text.length <= excerptChars ? text : `${text.slice(0, excerptChars)}… (${text.length} characters)`;
}
