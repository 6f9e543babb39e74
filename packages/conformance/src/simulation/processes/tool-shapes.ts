/** Tools of simulated agents: one for each way in which the core treats a call. */
export const toolShapes = [
  { name: 'note', replay: 'never', writes: true },
  { name: 'probe', replay: 'safe', writes: true },
  { name: 'pay', replay: 'verify', writes: false },
  { name: 'solo', replay: 'never', sequential: true, writes: true },
  { name: 'final', replay: 'safe', finishWith: true, writes: false },
  { name: 'ask', replay: 'never', wait: 'client-tool', writes: false },
  { name: 'approve', replay: 'never', wait: 'approval', writes: true },
  { name: 'delegate', replay: 'never', wait: 'child', writes: false },
] as const satisfies readonly ToolShape[];

export interface ToolShape {
  readonly name: string;
  readonly replay: 'never' | 'safe' | 'verify';
  readonly sequential?: boolean;
  readonly finishWith?: boolean;
  /** The call waits for somebody before its body runs, or instead of it. */
  readonly wait?: 'client-tool' | 'approval' | 'child';
  /** The body changes the custom state. */
  readonly writes: boolean;
}

export type ToolName = (typeof toolShapes)[number]['name'];
export type WaitingFor = NonNullable<ToolShape['wait']>;

export function shapeOf(name: string): ToolShape | undefined {
  return toolShapes.find((shape) => shape.name === name);
}
