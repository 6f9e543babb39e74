/** The value of a sum such as `2 * (3 + 4)`. Throws a RangeError that says what cannot be read. */
export function calculate(expression: string): number {
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
    while (tokens[at] === '*' || tokens[at] === '/') value = take() === '*' ? value * factor() : value / factor();
    return value;
  };
  const factor = (): number => {
    const token = take();
    if (token === '-') return -factor();
    if (token === '(') {
      const value = sum();
      if (take() !== ')') throw new RangeError('a bracket is not closed');
      return value;
    }
    if (token === undefined || !/^\d/.test(token)) throw new RangeError(`a number is missing at ${token ?? 'the end'}`);
    return Number(token);
  };
  const value = sum();
  if (at < tokens.length) throw new RangeError(`${tokens[at]} was not expected`);
  if (!Number.isFinite(value)) throw new RangeError('the result is no finite number');
  return value;
}
