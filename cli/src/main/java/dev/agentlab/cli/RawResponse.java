package dev.agentlab.cli;

import java.net.URI;
import java.util.Optional;
import java.util.function.Function;

/// A response of a server that may not be this service.
///
/// @param header finds the value of a header field
record RawResponse(URI uri, int status, Function<String, Optional<String>> header, String body) {}
