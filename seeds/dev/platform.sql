-- Demo data for the platform database of a developer: one organization, three people, some work to look at.
--
-- Not a migration: `npm run seed` runs it in one transaction, after the migrations, on stack dev only. It may be run
-- again at any time: what is there already is left as it is, so edits survive. Links find their rows by slug and email,
-- since a developer may have made the same organization or user by hand, under another key.
-- All names are invented; example.com and example.org are reserved for such use.

INSERT INTO platform.organizations (organization_id, slug, display_name, settings)
VALUES
    ('00000000-0000-4000-8000-000000000001', 'atlas', 'Atlas Manufacturing', '{"locale": "en"}'),
    ('00000000-0000-4000-8000-000000000002', 'harbour', 'Harbour Logistics', '{"locale": "nl"}')
ON CONFLICT DO NOTHING;

INSERT INTO platform.users (user_id, email, display_name, status)
VALUES
    ('00000000-0000-4000-8000-000000000101', 'ada@example.com', 'Ada Admin', 'active'),
    ('00000000-0000-4000-8000-000000000102', 'ben@example.com', 'Ben Builder', 'active'),
    ('00000000-0000-4000-8000-000000000103', 'cleo@example.org', 'Cleo Consultant', 'active')
ON CONFLICT DO NOTHING;

INSERT INTO platform.memberships (organization_id, user_id, role_id)
SELECT organizations.organization_id, users.user_id, demo.role_id
FROM (
    VALUES
        ('atlas', 'ada@example.com', 'owner'),
        ('atlas', 'ben@example.com', 'editor'),
        ('atlas', 'cleo@example.org', 'viewer'),
        ('harbour', 'cleo@example.org', 'owner')
) AS demo (organization_slug, email, role_id)
JOIN platform.organizations ON organizations.slug = demo.organization_slug
JOIN platform.users ON lower(users.email) = demo.email
ON CONFLICT DO NOTHING;

INSERT INTO platform.transformations (transformation_id, organization_id, slug, title, summary, status, owner_id)
SELECT
    demo.transformation_id::uuid,
    organizations.organization_id,
    demo.slug,
    demo.title,
    demo.summary,
    demo.status,
    users.user_id
FROM (
    VALUES
        (
            '00000000-0000-4000-8000-000000000201',
            'atlas',
            'order-to-cash',
            'Order to cash in one flow',
            'From a customer''s order to the paid invoice without re-typing anything.',
            'active',
            'ada@example.com'
        ),
        (
            '00000000-0000-4000-8000-000000000202',
            'atlas',
            'plant-telemetry',
            'Telemetry for every plant',
            'Measure before deciding what to automate.',
            'draft',
            'ben@example.com'
        ),
        (
            '00000000-0000-4000-8000-000000000203',
            'harbour',
            'paperless-customs',
            'Paperless customs',
            '',
            'paused',
            'cleo@example.org'
        )
) AS demo (transformation_id, organization_slug, slug, title, summary, status, owner_email)
JOIN platform.organizations ON organizations.slug = demo.organization_slug
JOIN platform.users ON lower(users.email) = demo.owner_email
ON CONFLICT DO NOTHING;

INSERT INTO platform.repositories (
    repository_id,
    organization_id,
    slug,
    display_name,
    description,
    visibility,
    created_by
)
SELECT
    demo.repository_id::uuid,
    organizations.organization_id,
    demo.slug,
    demo.display_name,
    demo.description,
    demo.visibility,
    users.user_id
FROM (
    VALUES
        (
            '00000000-0000-4000-8000-000000000301',
            'atlas',
            'enterprise-model',
            'Enterprise model',
            'Capabilities, processes and systems of Atlas.',
            'internal',
            'ada@example.com'
        ),
        (
            '00000000-0000-4000-8000-000000000302',
            'atlas',
            'integration-specs',
            'Integration specifications',
            '',
            'private',
            'ben@example.com'
        ),
        (
            '00000000-0000-4000-8000-000000000303',
            'harbour',
            'customs-documents',
            'Customs documents',
            '',
            'internal',
            'cleo@example.org'
        )
) AS demo (repository_id, organization_slug, slug, display_name, description, visibility, creator_email)
JOIN platform.organizations ON organizations.slug = demo.organization_slug
JOIN platform.users ON lower(users.email) = demo.creator_email
ON CONFLICT DO NOTHING;

INSERT INTO platform.transformation_repositories (organization_id, transformation_id, repository_id)
SELECT organizations.organization_id, transformations.transformation_id, repositories.repository_id
FROM (
    VALUES
        ('atlas', 'order-to-cash', 'enterprise-model'),
        ('atlas', 'order-to-cash', 'integration-specs'),
        ('atlas', 'plant-telemetry', 'enterprise-model'),
        ('harbour', 'paperless-customs', 'customs-documents')
) AS demo (organization_slug, transformation_slug, repository_slug)
JOIN platform.organizations ON organizations.slug = demo.organization_slug
JOIN platform.transformations
    ON transformations.organization_id = organizations.organization_id
    AND transformations.slug = demo.transformation_slug
JOIN platform.repositories
    ON repositories.organization_id = organizations.organization_id
    AND repositories.slug = demo.repository_slug
ON CONFLICT DO NOTHING;
