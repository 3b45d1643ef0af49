-- agents V3: what a new, empty agents database starts with.
--
-- Where the schema was made by hand long ago, this file does not run: there the history begins with a baseline at 3
-- ("Baseline existing agents schema"), which stands in for it. Hence plain CREATE TABLE: meeting a table that exists
-- means that the baseline was forgotten, and must fail. The number is 3, not 1, because the file came from the platform
-- folder (before that it was V29).
--
-- The style of every table: a text key chosen by the service, the document itself in payload, and updated_at. Columns
-- beside these are there only because a key, a reference or an index needs them. Constraints have the names PostgreSQL
-- gives by itself, so that a schema made by hand and one made here look alike.

CREATE SCHEMA IF NOT EXISTS agents;

COMMENT ON SCHEMA agents IS 'Agent definitions, what runs of them, how requests reach them, and the tools they may use.';

CREATE TABLE agents.nodes (
    node_id text NOT NULL,
    payload jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT nodes_pkey PRIMARY KEY (node_id)
);

COMMENT ON TABLE agents.nodes IS 'An agent as it is being edited: the current draft of its definition.';
COMMENT ON COLUMN agents.nodes.node_id IS 'Key, chosen by the agents service.';
COMMENT ON COLUMN agents.nodes.payload IS 'The definition: name, model, prompt, parameters.';
COMMENT ON COLUMN agents.nodes.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE agents.node_versions (
    node_id text NOT NULL,
    version integer NOT NULL,
    payload jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT node_versions_pkey PRIMARY KEY (node_id, version),
    CONSTRAINT node_versions_node_id_fkey FOREIGN KEY (node_id)
        REFERENCES agents.nodes (node_id) ON DELETE CASCADE,
    CONSTRAINT node_versions_version_check CHECK (version > 0)
);

COMMENT ON TABLE agents.node_versions IS 'A published version of an agent: a frozen copy of its definition.';
COMMENT ON COLUMN agents.node_versions.node_id IS 'The agent; its versions go when it goes.';
COMMENT ON COLUMN agents.node_versions.version IS 'Counts up from 1 for each agent.';
COMMENT ON COLUMN agents.node_versions.payload IS 'The definition as it was published.';
COMMENT ON COLUMN agents.node_versions.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE agents.instances (
    instance_id text NOT NULL,
    node_id text NOT NULL,
    node_version integer,
    payload jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT instances_pkey PRIMARY KEY (instance_id),
    CONSTRAINT instances_node_id_fkey FOREIGN KEY (node_id)
        REFERENCES agents.nodes (node_id),
    CONSTRAINT instances_node_id_node_version_fkey FOREIGN KEY (node_id, node_version)
        REFERENCES agents.node_versions (node_id, version)
);

CREATE INDEX instances_node_id_node_version_idx ON agents.instances (node_id, node_version);

COMMENT ON TABLE agents.instances IS 'A deployment of an agent: the definition it runs and the settings it runs with.';
COMMENT ON COLUMN agents.instances.instance_id IS 'Key, chosen by the agents service.';
COMMENT ON COLUMN agents.instances.node_id IS 'The agent. One that has instances cannot be deleted.';
COMMENT ON COLUMN agents.instances.node_version IS 'The version it is pinned to; NULL follows the newest one.';
COMMENT ON COLUMN agents.instances.payload IS 'State and settings of the deployment.';
COMMENT ON COLUMN agents.instances.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE agents.routing_rules (
    rule_id text NOT NULL,
    node_id text NOT NULL,
    priority integer NOT NULL DEFAULT 100,
    payload jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT routing_rules_pkey PRIMARY KEY (rule_id),
    CONSTRAINT routing_rules_node_id_fkey FOREIGN KEY (node_id)
        REFERENCES agents.nodes (node_id) ON DELETE CASCADE
);

CREATE INDEX routing_rules_node_id_idx ON agents.routing_rules (node_id);
CREATE INDEX routing_rules_priority_idx ON agents.routing_rules (priority, rule_id);

COMMENT ON TABLE agents.routing_rules IS 'Which requests go to which agent.';
COMMENT ON COLUMN agents.routing_rules.rule_id IS 'Key, chosen by the agents service.';
COMMENT ON COLUMN agents.routing_rules.node_id IS 'The agent that gets what matches; its rules go when it goes.';
COMMENT ON COLUMN agents.routing_rules.priority IS 'Rules are tried from the lowest number up, and by rule_id among equals; the first match wins.';
COMMENT ON COLUMN agents.routing_rules.payload IS 'The condition and what is handed on.';
COMMENT ON COLUMN agents.routing_rules.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE agents.agent_tools (
    tool_id text NOT NULL,
    payload jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agent_tools_pkey PRIMARY KEY (tool_id)
);

COMMENT ON TABLE agents.agent_tools IS 'A tool that agents can be given.';
COMMENT ON COLUMN agents.agent_tools.tool_id IS 'Key, chosen by the agents service.';
COMMENT ON COLUMN agents.agent_tools.payload IS 'Name, description, input schema and where it is called; no secrets.';
COMMENT ON COLUMN agents.agent_tools.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE agents.tool_grants (
    node_id text NOT NULL,
    tool_id text NOT NULL,
    payload jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tool_grants_pkey PRIMARY KEY (node_id, tool_id),
    CONSTRAINT tool_grants_node_id_fkey FOREIGN KEY (node_id)
        REFERENCES agents.nodes (node_id) ON DELETE CASCADE,
    CONSTRAINT tool_grants_tool_id_fkey FOREIGN KEY (tool_id)
        REFERENCES agents.agent_tools (tool_id) ON DELETE CASCADE
);

CREATE INDEX tool_grants_tool_id_idx ON agents.tool_grants (tool_id);

COMMENT ON TABLE agents.tool_grants IS 'Which agent may use which tool.';
COMMENT ON COLUMN agents.tool_grants.node_id IS 'The agent that may use it.';
COMMENT ON COLUMN agents.tool_grants.tool_id IS 'The tool it may use.';
COMMENT ON COLUMN agents.tool_grants.payload IS 'Limits of the grant: scopes, rate, whether a person must approve.';
COMMENT ON COLUMN agents.tool_grants.updated_at IS 'When the row was last changed; set by the writer.';
