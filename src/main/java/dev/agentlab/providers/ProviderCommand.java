package dev.agentlab.providers;

/// What a provider is to be: the body of a create and of a replace.
///
/// @param name unique; as [dev.agentlab.errors.NameRule] has it
/// @param config `{"name": kind, "base_url": url, "options": object, "model": object}`
public record ProviderCommand(String name, GivenConfig config) {}
