package dev.agentlab.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where the operator lets a [SecretReference] point: listed environment variables, and the regular
/// files within one folder. Safe for all threads.
public final class SecretSources {
  /// More than any secret has, and little enough to read at once.
  private static final int LARGEST = 16_000;

  private final Set<String> names;
  private final Map<String, Secret> environment;
  private final Optional<Path> folder;

  /// A reference that points nowhere at the moment. The message says why and fits a caller's eyes.
  public static final class UnresolvedException extends Exception {
    private UnresolvedException(String message) {
      super(message);
    }
  }

  /// @param names the variables that may be named
  /// @param environment the values of those that are set
  public SecretSources(List<String> names, Map<String, Secret> environment, Optional<Path> folder) {
    this.names = Set.copyOf(names);
    this.environment = Map.copyOf(environment);
    this.folder = folder.map(it -> it.toAbsolutePath().normalize());
  }

  /// Nothing may be named.
  public static SecretSources none() {
    return new SecretSources(List.of(), Map.of(), Optional.empty());
  }

  /// What is wrong with a reference, whether or not something is there now: empty if nothing.
  public Optional<String> fault(SecretReference reference) {
    return switch (reference) {
      case SecretReference.Variable(String name) ->
          names.contains(name)
              ? Optional.empty()
              : Optional.of(
                  "names an environment variable that is not listed; add it to secrets.env"
                      + " (SECRETS_ENV) of the service, or give the secret itself");
      case SecretReference.File(String path) ->
          folder.isEmpty()
              ? Optional.of(
                  "names a file, and there is no folder for such files; set secrets.folder"
                      + " (SECRETS_FOLDER) of the service, or give the secret itself")
              : located(path).isPresent()
                  ? Optional.empty()
                  : Optional.of(
                      "names a file that is not in secrets.folder (SECRETS_FOLDER) of the service; it"
                          + " must be a path within it, without ..");
    };
  }

  /// The secret that a reference points to.
  ///
  /// @throws UnresolvedException if it may not point there, or no secret is there
  public Secret resolve(SecretReference reference) throws UnresolvedException {
    Optional<String> fault = fault(reference);
    if (fault.isPresent()) {
      throw new UnresolvedException(fault.get());
    }
    return switch (reference) {
      case SecretReference.Variable(String name) ->
          Optional.ofNullable(environment.get(name))
              .orElseThrow(() ->
                  new UnresolvedException(
                      "names an environment variable that was not set when the service started"));
      case SecretReference.File(String path) -> read(located(path).orElseThrow());
    };
  }

  /// The file of that path, if it is within the folder as far as its name and, where it exists, its
  /// symbolic links go.
  private Optional<Path> located(String path) {
    Path root = folder.orElseThrow();
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
      // Nothing there that could be read.
      return true;
    }
  }

  private Secret read(Path file) throws UnresolvedException {
    try {
      // What was checked is what is read: a link exchanged in between would be looked at anew.
      Path real = file.toRealPath();
      if (!real.startsWith(folder.orElseThrow().toRealPath()) || !Files.isRegularFile(real)) {
        throw new UnresolvedException("names what is no regular file in secrets.folder");
      }
      byte[] bytes;
      try (InputStream in = Files.newInputStream(real)) {
        bytes = in.readNBytes(LARGEST + 1);
      }
      if (bytes.length > LARGEST) {
        throw new UnresolvedException(
            "names a file of more than %d bytes, which is no secret".formatted(LARGEST));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
      String secret = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      if (secret.isEmpty()) {
        throw new UnresolvedException("names a file that is empty");
      }
      return Secret.of(secret);
    } catch (CharacterCodingException e) {
      throw new UnresolvedException("names a file that is no text");
    } catch (IOException e) {
      throw new UnresolvedException("names a file that the service cannot read");
    }
  }
}
