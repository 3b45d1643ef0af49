-- workflows V1: workflow definitions and their versions, in schema "workflows_service".
--
-- On some databases this schema was first made by hand, or by the service itself when it still did so. Hence:
--   * schema, tables and indexes are created only where they are missing, so any part of them may be there already
--   * the two tables refer to each other, so one foreign key is added after both exist; PostgreSQL has no
--     ADD CONSTRAINT IF NOT EXISTS, so a DO block asks information_schema first
--   * every column has its comment: where a table made by hand lacks a column, the file fails by that column's name and
--     is rolled back as a whole. A different schema is not taken for this one in silence.

CREATE SCHEMA IF NOT EXISTS workflows_service;

COMMENT ON SCHEMA workflows_service IS 'What the workflows service can run: definitions and their published versions.';

CREATE TABLE IF NOT EXISTS workflows_service.definitions (
    definition_id uuid NOT NULL DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    key text NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'draft',
    latest_version integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT definitions_pkey PRIMARY KEY (definition_id),
    CONSTRAINT definitions_key_check CHECK (key ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT definitions_display_name_check CHECK (btrim(display_name) <> ''),
    CONSTRAINT definitions_status_check CHECK (status IN ('draft', 'active', 'archived'))
);

CREATE UNIQUE INDEX IF NOT EXISTS definitions_organization_id_key_key
    ON workflows_service.definitions (organization_id, key);

CREATE TABLE IF NOT EXISTS workflows_service.definition_versions (
    definition_version_id uuid NOT NULL DEFAULT gen_random_uuid(),
    definition_id uuid NOT NULL,
    version integer NOT NULL,
    specification jsonb NOT NULL,
    change_note text NOT NULL DEFAULT '',
    created_by uuid,
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT definition_versions_pkey PRIMARY KEY (definition_version_id),
    CONSTRAINT definition_versions_definition_id_fkey FOREIGN KEY (definition_id)
        REFERENCES workflows_service.definitions (definition_id) ON DELETE CASCADE,
    CONSTRAINT definition_versions_version_check CHECK (version > 0),
    CONSTRAINT definition_versions_specification_check CHECK (jsonb_typeof(specification) = 'object')
);

-- Also the index of the foreign key on definition_id, and what the foreign key below refers to.
CREATE UNIQUE INDEX IF NOT EXISTS definition_versions_definition_id_version_key
    ON workflows_service.definition_versions (definition_id, version);

-- The pair (definition_id, latest_version) can name only a version of that very definition. The primary key serves as
-- its index.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM information_schema.table_constraints
        WHERE constraint_schema = 'workflows_service'
            AND table_schema = 'workflows_service'
            AND table_name = 'definitions'
            AND constraint_name = 'fk_workflows_service_definitions_latest_version'
    ) THEN
        ALTER TABLE workflows_service.definitions
            ADD CONSTRAINT fk_workflows_service_definitions_latest_version
            FOREIGN KEY (definition_id, latest_version)
            REFERENCES workflows_service.definition_versions (definition_id, version);
    END IF;
END
$$;

COMMENT ON TABLE workflows_service.definitions IS 'A workflow of an organization: its name, its state, and which of its versions is the latest.';
COMMENT ON COLUMN workflows_service.definitions.definition_id IS 'Key.';
COMMENT ON COLUMN workflows_service.definitions.organization_id IS 'The organization that owns it, in the platform database; hence no foreign key.';
COMMENT ON COLUMN workflows_service.definitions.key IS 'Name in URLs and code; unique in the organization.';
COMMENT ON COLUMN workflows_service.definitions.display_name IS 'Name shown to people.';
COMMENT ON COLUMN workflows_service.definitions.description IS 'What it does; may be empty.';
COMMENT ON COLUMN workflows_service.definitions.status IS 'draft; active: may be started; archived: kept for what ran in the past.';
COMMENT ON COLUMN workflows_service.definitions.latest_version IS 'The version that new runs use; NULL until the first one is published.';
COMMENT ON COLUMN workflows_service.definitions.created_at IS 'When the row was made.';
COMMENT ON COLUMN workflows_service.definitions.updated_at IS 'When the row was last changed; set by the writer.';
COMMENT ON CONSTRAINT fk_workflows_service_definitions_latest_version ON workflows_service.definitions
    IS 'The latest version exists and belongs to this definition; it cannot be deleted while it is the latest.';

COMMENT ON TABLE workflows_service.definition_versions IS 'A version of a workflow: what it does, step by step. Not changed once it is published.';
COMMENT ON COLUMN workflows_service.definition_versions.definition_version_id IS 'Key.';
COMMENT ON COLUMN workflows_service.definition_versions.definition_id IS 'The workflow; its versions go when it goes.';
COMMENT ON COLUMN workflows_service.definition_versions.version IS 'Counts up from 1 for each definition.';
COMMENT ON COLUMN workflows_service.definition_versions.specification IS 'Trigger, steps and transitions, a JSON object.';
COMMENT ON COLUMN workflows_service.definition_versions.change_note IS 'What is new in it; may be empty.';
COMMENT ON COLUMN workflows_service.definition_versions.created_by IS 'User who made it, in the platform database; hence no foreign key.';
COMMENT ON COLUMN workflows_service.definition_versions.published_at IS 'When it was published; NULL while it is being edited.';
COMMENT ON COLUMN workflows_service.definition_versions.created_at IS 'When the row was made.';
COMMENT ON COLUMN workflows_service.definition_versions.updated_at IS 'When the row was last changed; set by the writer.';
