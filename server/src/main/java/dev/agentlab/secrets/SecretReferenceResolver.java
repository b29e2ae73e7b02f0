package dev.agentlab.secrets;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Resolves [SecretReference]s against the sources that the operator allows: listed environment
/// variables, and regular files in one directory. Thread-safe.
public final class SecretReferenceResolver {
  private final Set<String> allowedVariables;
  private final Map<String, Secret> environment;
  private final Optional<Path> directory;

  /// Thrown if a reference cannot be resolved. The message has the reason and is suitable for
  /// callers.
  public static final class UnresolvedException extends Exception {
    private UnresolvedException(String message) {
      super(message);
    }
  }

  /// @param allowedVariables the variables that references may use
  /// @param environment the values of the variables that are set
  /// @param directory the directory of secret files; empty if references to files are not allowed
  public SecretReferenceResolver(
      List<String> allowedVariables, Map<String, Secret> environment, Optional<Path> directory) {
    this.allowedVariables = Set.copyOf(allowedVariables);
    this.environment = Map.copyOf(environment);
    this.directory = directory.map(it -> it.toAbsolutePath().normalize());
  }

  /// Sources that allow no reference.
  public static SecretReferenceResolver none() {
    return new SecretReferenceResolver(List.of(), Map.of(), Optional.empty());
  }

  /// Returns the error of a reference that is not allowed; empty if it is allowed, whether or not
  /// the variable or file exists.
  public Optional<String> findError(SecretReference reference) {
    return switch (reference) {
      case SecretReference.Variable(String name) ->
          allowedVariables.contains(name)
              ? Optional.empty()
              : Optional.of(
                  "names an environment variable that is not listed; add it to secrets.env"
                      + " (SECRETS_ENV) of the service, or provide the secret value");
      case SecretReference.File(String path) ->
          directory.isEmpty()
              ? Optional.of(
                  "names a file, but secret files are not enabled; set secrets.folder"
                      + " (SECRETS_FOLDER) of the service, or provide the secret value")
              : locate(path).isPresent()
                  ? Optional.empty()
                  : Optional.of(
                      "names a file that is not in secrets.folder (SECRETS_FOLDER) of the service; it"
                          + " must be a path within it, without ..");
    };
  }

  /// Reads the secret of a reference.
  ///
  /// @throws UnresolvedException if the reference is not allowed, or the secret is missing or
  ///   invalid
  public Secret resolve(SecretReference reference) throws UnresolvedException {
    Optional<String> error = findError(reference);
    if (error.isPresent()) {
      throw new UnresolvedException(error.get());
    }
    return switch (reference) {
      case SecretReference.Variable(String name) ->
          Optional.ofNullable(environment.get(name))
              .orElseThrow(() ->
                  new UnresolvedException(
                      "names an environment variable that was not set when the service started"));
      case SecretReference.File(String path) -> read(locate(path).orElseThrow());
    };
  }

  /// Resolves a path in the secrets directory; empty if the path, or the file that its symbolic
  /// links lead to, is outside of it.
  private Optional<Path> locate(String path) {
    Path root = directory.orElseThrow();
    try {
      Path given = Path.of(path);
      for (Path part : given) {
        if (part.toString().equals("..")) {
          return Optional.empty();
        }
      }
      Path file = root.resolve(given).normalize();
      boolean inside = file.startsWith(root) && !file.equals(root);
      return inside && isInside(file, root) ? Optional.of(file) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static boolean isInside(Path file, Path root) {
    try {
      return file.toRealPath().startsWith(root.toRealPath());
    } catch (IOException e) {
      // The file does not exist, so there is nothing to read.
      return true;
    }
  }

  private Secret read(Path file) throws UnresolvedException {
    try {
      // Resolved and checked again, so that a symbolic link replaced since the first check has no
      // effect.
      Path real = file.toRealPath();
      if (!real.startsWith(directory.orElseThrow().toRealPath())) {
        throw new UnresolvedException("names a file that is not in secrets.folder");
      }
      return SecretFile.read(real);
    } catch (SecretFile.UnreadableException e) {
      throw new UnresolvedException("names a file that " + e.getMessage());
    } catch (IOException _) {
      throw new UnresolvedException("names a file that the service cannot read");
    }
  }
}
