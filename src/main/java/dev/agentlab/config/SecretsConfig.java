package dev.agentlab.config;

import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What secrets are kept under, and where secrets may be that are not kept.
///
/// @param key 256 bits in base64 that data keys are wrapped with; empty for a file in the data
///   folder
/// @param previousKeys what `key` takes the place of, for data keys still wrapped with them
/// @param env the environment variables that providers may name instead of a secret
/// @param environment those of them that are set, with their values
/// @param folder where the files are that providers may name instead of a secret
public record SecretsConfig(
    Optional<Secret> key,
    List<Secret> previousKeys,
    List<String> env,
    Map<String, Secret> environment,
    Optional<Path> folder) {

  public SecretsConfig {
    previousKeys = List.copyOf(previousKeys);
    env = List.copyOf(env);
    environment = Map.copyOf(environment);
  }
}
