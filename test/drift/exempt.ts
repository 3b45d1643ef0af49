/** What is no drift, and why: docs/drift.md has the same table. */
export interface Exemption {
  readonly what: string;
  readonly why: string;
  /** Types of statements, and words of their trees, as the parser has them. */
  readonly names: readonly string[];
  /** Statements that drift has nothing to say of. */
  readonly samples: readonly string[];
}

export const EXEMPT: readonly Exemption[] = [
  {
    what: "Data, and what reads, keeps or moves it",
    why: "a migration's schema is the same with other rows; where a sequence stands and what ANALYZE found are data, too",
    names: [
      ...["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "TruncateStmt"],
      ...["DeclareCursorStmt", "FetchStmt", "ClosePortalStmt", "RefreshMatViewStmt"],
      ...["VacuumStmt", "ReindexStmt", "CheckPointStmt", "ExplainStmt", "LockStmt"],
    ],
    samples: [
      "INSERT INTO loose VALUES (1)",
      "UPDATE loose SET a = 2",
      "DELETE FROM loose",
      "MERGE INTO loose USING users ON a = id WHEN MATCHED THEN DELETE",
      "COPY loose TO STDOUT",
      "TRUNCATE loose",
      "SELECT nextval('tickets'), setval('orders_id_seq', 100)",
      "DECLARE c CURSOR FOR SELECT 1",
      "REFRESH MATERIALIZED VIEW totals WITH NO DATA",
      "ANALYZE users",
      "REINDEX TABLE users",
      "EXPLAIN SELECT 1",
      "LOCK loose",
      "CREATE TEMP TABLE by_hand (a int)",
    ],
  },
  {
    what: "Statements that run others",
    why: "what they run is seen, not that they ran it",
    names: ["CallStmt", "DoStmt", "PrepareStmt", "ExecuteStmt", "DeallocateStmt"],
    samples: ["CALL p(1)", "DO 'BEGIN END'", "PREPARE q AS SELECT 1"],
  },
  {
    what: "The session and its transaction",
    why: "it ends with the session",
    names: [
      ...["VariableSetStmt", "VariableShowStmt", "DiscardStmt", "LoadStmt", "TransactionStmt"],
      ...["ListenStmt", "NotifyStmt", "UnlistenStmt", "ConstraintsSetStmt"],
    ],
    samples: [
      "SET LOCAL work_mem = '9MB'",
      "SHOW work_mem",
      "DISCARD PLANS",
      "SAVEPOINT s",
      "LISTEN l",
      "NOTIFY l",
      "UNLISTEN l",
      "SET CONSTRAINTS ALL DEFERRED",
      "LOAD 'plpgsql'",
    ],
  },
  {
    what: "Roles and their attributes, membership in roles, tablespaces, other databases, `ALTER SYSTEM`, privileges on parameters",
    why: "they belong to the server: each of its databases would report the same; settings of a role are seen, because they act in the database",
    names: [
      ...["CreateRoleStmt", "AlterRoleStmt", "DropRoleStmt", "GrantRoleStmt", "OBJECT_ROLE"],
      ...["CreateTableSpaceStmt", "DropTableSpaceStmt", "AlterTableSpaceOptionsStmt"],
      ...["OBJECT_TABLESPACE", "CreatedbStmt", "DropdbStmt", "AlterSystemStmt"],
      "OBJECT_PARAMETER_ACL",
    ],
    samples: [
      "CREATE ROLE by_hand",
      "ALTER ROLE {role} CREATEDB CONNECTION LIMIT 3",
      "GRANT {admin} TO {role}",
      "COMMENT ON ROLE {role} IS 'by hand'",
      "ALTER TABLESPACE {tablespace} SET (seq_page_cost = 2)",
      "COMMENT ON TABLESPACE {tablespace} IS 'by hand'",
      "GRANT SET ON PARAMETER work_mem TO {role}",
    ],
  },
  {
    what: "The options of a user mapping, the connection of a subscription",
    why: "they hold passwords, and are never read; that a mapping or a subscription comes or goes is seen",
    names: ["AlterUserMappingStmt", "ALTER_SUBSCRIPTION_CONNECTION"],
    samples: ["ALTER USER MAPPING FOR {role} SERVER far OPTIONS (SET password 'other')"],
  },
  {
    what: "How far a subscription has come: `REFRESH PUBLICATION`, `SKIP`",
    why: "it changes by itself while data comes in",
    names: ["ALTER_SUBSCRIPTION_REFRESH", "ALTER_SUBSCRIPTION_SKIP"],
    samples: [],
  },
  {
    what: "Versions of collations (`REFRESH VERSION`)",
    why: "they come with the operating system",
    names: ["AlterCollationStmt", "AlterDatabaseRefreshCollStmt"],
    samples: [
      "ALTER COLLATION plain REFRESH VERSION",
      "ALTER DATABASE {database} REFRESH COLLATION VERSION",
    ],
  },
  {
    what: "Large objects, their owners, privileges and comments",
    why: "they are data; a database may have millions of them",
    names: [],
    samples: ["SELECT lo_create(4711)"],
  },
];

/** What the parser has a type or a word for, but PostgreSQL no statement of its own. */
export const NO_STATEMENT: readonly string[] = [
  ...["PLAssignStmt", "RawStmt", "ReturnStmt", "SetOperationStmt", "ReplicaIdentityStmt"],
  ...["OBJECT_AMOP", "OBJECT_AMPROC", "OBJECT_DEFAULT", "OBJECT_DEFACL", "OBJECT_USER_MAPPING"],
  ...["OBJECT_PUBLICATION_NAMESPACE", "OBJECT_PUBLICATION_REL", "PUBLICATIONOBJ_CONTINUATION"],
  // The server makes these of others while it works.
  ...["AT_AddColumnToView", "AT_CookedColumnDefault", "AT_AddIndex", "AT_ReAddIndex"],
  ...["AT_ReAddConstraint", "AT_ReAddDomainConstraint", "AT_AddIndexConstraint"],
  ...["AT_ReAddComment", "AT_ReplaceRelOptions", "AT_ReAddStatistics"],
  "AT_DropOids", // SET WITHOUT OIDS: accepted since 12, and does nothing
];
