package dev.agentlab.config;

/// One key as the service uses it, for people to see.
///
/// @param key as in a file, with its table: `server.port`
/// @param value as it would be written in the environment; `***` for a secret that is set
/// @param source where the value comes from: `default`, `config.toml`, `config.dev.toml`,
///   `environment SERVER_PORT`
/// @param environment the variable that overrides the key
public record EffectiveSetting(String key, String value, String source, String environment) {}
