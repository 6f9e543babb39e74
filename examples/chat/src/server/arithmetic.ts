/** What a sum comes to, or why it comes to nothing. */
export type Calculated = { readonly result: number } | { readonly problem: string };

/** Works out a sum such as `2 * (3 + 4)`. */
export function calculate(expression: string): Calculated {
  try {
    return { result: valueOf(expression) };
  } catch (error) {
    if (error instanceof RangeError) return { problem: error.message };
    throw error;
  }
}

function valueOf(expression: string): number {
  const tokens = expression.match(/\d+(?:\.\d+)?|[-+*/()]|\S/g) ?? [];
  let at = 0;
  const take = () => tokens[at++];
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') value = take() === '+' ? value + product() : value - product();
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === '*' || tokens[at] === '/') value = take() === '*' ? value * factor() : value / divisor();
    return value;
  };
  const divisor = (): number => {
    const value = factor();
    if (value === 0) throw new RangeError('Division by zero has no result.');
    return value;
  };
  const factor = (): number => {
    const token = take();
    if (token === '-') return -factor();
    if (token === '(') {
      const value = sum();
      if (take() !== ')') throw new RangeError('A bracket is not closed.');
      return value;
    }
    if (token === undefined || !/^\d/.test(token))
      throw new RangeError(`A number is missing at ${token ?? 'the end'}.`);
    return Number(token);
  };
  const value = sum();
  if (at < tokens.length) throw new RangeError(`${tokens[at]} was not expected.`);
  if (!Number.isFinite(value)) throw new RangeError('The result is too large.');
  return value;
}
