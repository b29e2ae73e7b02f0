package dev.agentlab.keys;

import dev.agentlab.errors.NameRule;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The request body that creates an API key.
///
/// @param name the display name, valid by [dev.agentlab.errors.NameRule], not unique
/// @param scopes the text forms of grants, see [ScopeParser]; agents and routes by id or name
/// @param expiresAt the expiry; none if absent
@SchemaName("ApiKeyInput")
public record KeyInput(
    @SchemaBounds(min = 1, max = NameRule.MAX_LENGTH) String name,
    @SchemaDescription(
            "Scopes such as `agents:read`. `invoke` can be restricted to an agent"
                + " (`invoke:agent/<name or id>` or `invoke:<name or id>`), a route"
                + " (`invoke:route/<name or id>`), a provider (`invoke:provider/<name>`) or models of"
                + " a provider"
                + " (`invoke:model/<provider name>/<pattern>`, in which `*` matches any"
                + " characters), and `proxy` to a provider (`proxy:<name>`). In the name of a"
                + " provider, `/` is written `%2F` and `%` is written `%25`.")
        @SchemaBounds(min = 1, max = ScopeParser.MAX_SCOPES)
        List<String> scopes,
    Optional<Instant> expiresAt) {}
