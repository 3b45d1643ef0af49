-- langgraph V1: the tables of LangGraph's PostgreSQL checkpointer (langgraph-checkpoint-postgres).
--
-- The tables belong to the library: names, columns, their order, and even the names of keys and indexes are those that
-- its setup() ends up with after all of its own migrations (0 to 9). They are made here because services do no DDL at
-- run time. Names have no schema, since the library finds its tables by search_path.
--
-- Differences from the library: indexes are not built CONCURRENTLY (the tables are new and empty, and it could not run
-- in the transaction of this migration), and checkpoint_migrations stays empty (a migration holds no rows). A service
-- that calls setup() all the same does no harm: each of its statements finds what it wants, and only its own list in
-- checkpoint_migrations is filled.
-- Where setup() has already made the tables and there is no history yet, baseline the database at 1.

CREATE TABLE checkpoint_migrations (
    v integer NOT NULL,
    CONSTRAINT checkpoint_migrations_pkey PRIMARY KEY (v)
);

COMMENT ON TABLE checkpoint_migrations IS 'The library''s own list of its migrations; it only matters to setup().';
COMMENT ON COLUMN checkpoint_migrations.v IS 'Number of a migration of the library that setup() has run.';

CREATE TABLE checkpoints (
    thread_id text NOT NULL,
    checkpoint_ns text NOT NULL DEFAULT '',
    checkpoint_id text NOT NULL,
    parent_checkpoint_id text,
    type text,
    checkpoint jsonb NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT checkpoints_pkey PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id)
);

CREATE INDEX checkpoints_thread_id_idx ON checkpoints (thread_id);

COMMENT ON TABLE checkpoints IS 'The state of a graph after a step, without the larger values of its channels.';
COMMENT ON COLUMN checkpoints.thread_id IS 'The conversation or run.';
COMMENT ON COLUMN checkpoints.checkpoint_ns IS 'Path of the subgraph; empty for the outermost graph.';
COMMENT ON COLUMN checkpoints.checkpoint_id IS 'The step; sorts in the order of time.';
COMMENT ON COLUMN checkpoints.parent_checkpoint_id IS 'The step before; NULL for the first.';
COMMENT ON COLUMN checkpoints.type IS 'Kind of serialization; not filled by current versions of the library.';
COMMENT ON COLUMN checkpoints.checkpoint IS 'The state: versions of the channels, and their small values.';
COMMENT ON COLUMN checkpoints.metadata IS 'Where the step came from, and what the caller attached to it.';

CREATE TABLE checkpoint_blobs (
    thread_id text NOT NULL,
    checkpoint_ns text NOT NULL DEFAULT '',
    channel text NOT NULL,
    version text NOT NULL,
    type text NOT NULL,
    blob bytea,
    CONSTRAINT checkpoint_blobs_pkey PRIMARY KEY (thread_id, checkpoint_ns, channel, version)
);

CREATE INDEX checkpoint_blobs_thread_id_idx ON checkpoint_blobs (thread_id);

COMMENT ON TABLE checkpoint_blobs IS 'A value of a channel. Several checkpoints share one as long as the channel does not change.';
COMMENT ON COLUMN checkpoint_blobs.thread_id IS 'The conversation or run.';
COMMENT ON COLUMN checkpoint_blobs.checkpoint_ns IS 'Path of the subgraph; empty for the outermost graph.';
COMMENT ON COLUMN checkpoint_blobs.channel IS 'Name of the channel.';
COMMENT ON COLUMN checkpoint_blobs.version IS 'Version of the channel; checkpoints refer to it in channel_versions.';
COMMENT ON COLUMN checkpoint_blobs.type IS 'Kind of serialization; "empty" where there is no value.';
COMMENT ON COLUMN checkpoint_blobs.blob IS 'The value, serialized; NULL where there is none.';

CREATE TABLE checkpoint_writes (
    thread_id text NOT NULL,
    checkpoint_ns text NOT NULL DEFAULT '',
    checkpoint_id text NOT NULL,
    task_id text NOT NULL,
    idx integer NOT NULL,
    channel text NOT NULL,
    type text,
    blob bytea NOT NULL,
    task_path text NOT NULL DEFAULT '',
    CONSTRAINT checkpoint_writes_pkey PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
);

CREATE INDEX checkpoint_writes_thread_id_idx ON checkpoint_writes (thread_id);

COMMENT ON TABLE checkpoint_writes IS 'What the tasks of a step have written so far: a failed step goes on from here. No foreign key: a write may come before its checkpoint.';
COMMENT ON COLUMN checkpoint_writes.thread_id IS 'The conversation or run.';
COMMENT ON COLUMN checkpoint_writes.checkpoint_ns IS 'Path of the subgraph; empty for the outermost graph.';
COMMENT ON COLUMN checkpoint_writes.checkpoint_id IS 'The step the task belongs to.';
COMMENT ON COLUMN checkpoint_writes.task_id IS 'The task that wrote.';
COMMENT ON COLUMN checkpoint_writes.idx IS 'Order of the write in its task; negative for special channels such as errors.';
COMMENT ON COLUMN checkpoint_writes.channel IS 'Name of the channel that was written to.';
COMMENT ON COLUMN checkpoint_writes.type IS 'Kind of serialization.';
COMMENT ON COLUMN checkpoint_writes.blob IS 'The value, serialized.';
COMMENT ON COLUMN checkpoint_writes.task_path IS 'Path of the task in the graph; orders the writes of a step.';
