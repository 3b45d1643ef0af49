-- Demo data for the agents database of a developer: two agents, one of them published, deployed and routed to.
--
-- Not a migration: `npm run seed` runs it in one transaction, after the migrations, on stack dev only. It may be run
-- again at any time: what is there already is left as it is, so edits survive.

INSERT INTO agents.nodes (node_id, payload)
VALUES
    (
        'demo-researcher',
        '{"name": "Researcher", "model": "demo-model", "prompt": "Find sources and quote them.", "temperature": 0.2}'
    ),
    (
        'demo-summarizer',
        '{"name": "Summarizer", "model": "demo-model", "prompt": "Say it in three sentences.", "temperature": 0}'
    )
ON CONFLICT DO NOTHING;

INSERT INTO agents.node_versions (node_id, version, payload)
VALUES
    (
        'demo-researcher',
        1,
        '{"name": "Researcher", "model": "demo-model", "prompt": "Find sources.", "temperature": 0.2}'
    ),
    (
        'demo-researcher',
        2,
        '{"name": "Researcher", "model": "demo-model", "prompt": "Find sources and quote them.", "temperature": 0.2}'
    )
ON CONFLICT DO NOTHING;

INSERT INTO agents.instances (instance_id, node_id, node_version, payload)
VALUES
    ('demo-researcher-pinned', 'demo-researcher', 1, '{"state": "running", "replicas": 1}'),
    ('demo-researcher-latest', 'demo-researcher', NULL, '{"state": "stopped", "replicas": 0}')
ON CONFLICT DO NOTHING;

INSERT INTO agents.routing_rules (rule_id, node_id, priority, payload)
VALUES
    ('demo-questions', 'demo-researcher', 10, '{"when": {"intent": "question"}}'),
    ('demo-everything-else', 'demo-summarizer', 1000, '{"when": {}}')
ON CONFLICT DO NOTHING;

INSERT INTO agents.agent_tools (tool_id, payload)
VALUES
    (
        'demo-web-search',
        '{"name": "web_search", "description": "Search the web.", "input": {"query": {"type": "string"}}}'
    ),
    (
        'demo-calculator',
        '{"name": "calculator", "description": "Do sums.", "input": {"expression": {"type": "string"}}}'
    )
ON CONFLICT DO NOTHING;

INSERT INTO agents.tool_grants (node_id, tool_id, payload)
VALUES
    ('demo-researcher', 'demo-web-search', '{"approval": "never", "calls_per_minute": 10}'),
    ('demo-researcher', 'demo-calculator', '{"approval": "never"}')
ON CONFLICT DO NOTHING;
