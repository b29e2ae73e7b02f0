package dev.agentlab.sessions;

import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaExactlyOne;
import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// The request body that starts a session.
///
/// @param key an API key
/// @param link the token of a sign-in link
@SchemaExactlyOne(one = "key", other = "link")
public record SessionInput(
    @SchemaDescription("An API key. Mutually exclusive with `link`.") Optional<Secret> key,
    @SchemaDescription("The part of a sign-in link after `#`.") Optional<Secret> link) {}
