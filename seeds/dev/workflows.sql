-- Demo data for the workflows database of a developer: a workflow with two published versions, and a draft with none.
--
-- Not a migration: `npm run seed` runs it in one transaction, after the migrations, on stack dev only. It may be run
-- again at any time: what is there already is left as it is, so edits survive. The organization is the first one of
-- seeds/dev/platform.sql.

INSERT INTO workflows_service.definitions (definition_id, organization_id, key, display_name, description, status)
VALUES
    (
        '00000000-0000-4000-8000-000000000401',
        '00000000-0000-4000-8000-000000000001',
        'review-proposal',
        'Review a proposal',
        'Collects opinions, waits for a decision, and tells everybody.',
        'active'
    ),
    (
        '00000000-0000-4000-8000-000000000402',
        '00000000-0000-4000-8000-000000000001',
        'onboard-member',
        'Onboard a member',
        '',
        'draft'
    )
ON CONFLICT DO NOTHING;

INSERT INTO workflows_service.definition_versions (
    definition_version_id,
    definition_id,
    version,
    specification,
    change_note,
    published_at
)
SELECT
    demo.definition_version_id::uuid,
    definitions.definition_id,
    demo.version,
    demo.specification::jsonb,
    demo.change_note,
    demo.published_at::timestamptz
FROM (
    VALUES
        (
            '00000000-0000-4000-8000-000000000501',
            'review-proposal',
            1,
            '{"trigger": "manual", "steps": [{"id": "decide", "kind": "approval"}]}',
            'First version.',
            '2025-11-03 09:00:00+00'
        ),
        (
            '00000000-0000-4000-8000-000000000502',
            'review-proposal',
            2,
            '{"trigger": "manual", "steps": [{"id": "comment", "kind": "form"}, {"id": "decide", "kind": "approval"}]}',
            'Asks for comments before the decision.',
            '2025-11-05 09:00:00+00'
        )
) AS demo (definition_version_id, definition_key, version, specification, change_note, published_at)
JOIN workflows_service.definitions
    ON definitions.organization_id = '00000000-0000-4000-8000-000000000001'
    AND definitions.key = demo.definition_key
ON CONFLICT DO NOTHING;

-- The two tables refer to each other, so the latest version is named last. One that is named already stays.
UPDATE workflows_service.definitions
SET latest_version = 2
WHERE organization_id = '00000000-0000-4000-8000-000000000001'
    AND key = 'review-proposal'
    AND latest_version IS NULL;
