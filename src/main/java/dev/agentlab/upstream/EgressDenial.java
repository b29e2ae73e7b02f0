package dev.agentlab.upstream;

import java.util.Optional;

/// Why the egress policy forbids an address.
///
/// @param reason which rule forbids it, naming the address
/// @param remedy which setting would allow it; empty if none does
public record EgressDenial(String reason, Optional<String> remedy) {}
