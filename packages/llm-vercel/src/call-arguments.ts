/** Arguments as a model wrote them: data, or why they are none. */
export type CallArguments = { readonly value: unknown } | { readonly malformed: string };

/** No text at all is how models call a tool without parameters. */
export function readArguments(text: string): CallArguments {
  if (text.trim() === '') return { value: {} };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return {
      malformed: `The arguments are not valid JSON (${(error as Error).message}). Received: ${excerpt(text)}`,
    };
  }
}

const excerptChars = 200;

function excerpt(text: string): string {
  return text.length <= excerptChars ? text : `${text.slice(0, excerptChars)}… (${text.length} characters)`;
}
