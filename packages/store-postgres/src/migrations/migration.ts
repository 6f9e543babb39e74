/** One step of the schema. Once released it is never edited: databases and `test/released-migrations.json` remember its checksum. */
export interface Migration {
  /** 1, 2, 3, ... */
  readonly id: number;
  readonly name: string;
  /** Statements in which `:schema` stands for the quoted schema name. */
  readonly sql: string;
}
