/** What `decide` must know of an agent: plain data, derived from its definition. */
export interface AgentPolicy {
  /** Model calls that one run may make, before it is made to finish where it owes an output; `Infinity` for no cap. */
  readonly maxSteps: number;
  /** The agent owes a typed output, and has at least one tool that gives it. */
  readonly owesOutput: boolean;
  /** Every call runs alone, in order. */
  readonly sequential: boolean;
  /**
   * Steps in a row that do nothing but fail to finish, after which the model is made to; and forced replies without a valid output,
   * after which the run fails.
   */
  readonly maxMisses: number;
  /** Takeovers without progress, after which a person must look. */
  readonly maxTakeovers: number;
  /** Tokens that a session may use before a person must grant more; null for no budget. */
  readonly tokenBudget: number | null;
  /** Context size from which the model is asked for a summary; null for never. */
  readonly compactAboveTokens: number | null;
}
