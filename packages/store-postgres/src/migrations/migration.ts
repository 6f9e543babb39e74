/** One step of the schema. Once released it is never edited: the database remembers its checksum. */
export interface Migration {
  /** 1, 2, 3, ... */
  readonly id: number;
  readonly name: string;
  /** Statements in which `:schema` stands for the quoted schema name. */
  readonly sql: string;
}
