package dev.agentlab.upstream;

import java.util.Optional;

/// The reason why the egress policy denies an address.
///
/// @param reason the rule that denies it, with the address
/// @param remedy the setting that would allow it; empty if no setting does
public record EgressDenial(String reason, Optional<String> remedy) {}
