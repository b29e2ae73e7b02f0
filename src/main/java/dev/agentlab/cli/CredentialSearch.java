package dev.agentlab.cli;

import dev.agentlab.config.ConfigException;
import dev.agentlab.secrets.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Finds the key to call the service with: in the file that `--key-file` names, else in
/// `AGENT_LAB_KEY`, else in `admin.key` in a data folder.
///
/// @param dataDir where to look for that; may throw [ConfigException]
record CredentialSearch(
    LaunchContext surroundings,
    Optional<String> keyFile,
    Supplier<Path> dataDir,
    Listeners listeners) {
  static final String VARIABLE = "AGENT_LAB_KEY";

  /// Far more than a token of an identity provider needs.
  private static final int LONGEST = 16 * 1024;

  /// Who can read every file anyway.
  private static final Integer ROOT = 0;

  private static final String API_KEY_START = "agl_";

  private static final Pattern API_KEY = Pattern.compile("agl_[a-z]+_[0-9A-Za-z]+_[0-9A-Za-z]{49}");

  /// A JSON Web Token in its compact form (RFC 7515, section 7.1).
  private static final Pattern TOKEN = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");

  /// The file in which the service keeps its admin key.
  static Path adminKey(Path dataDir) {
    return dataDir.resolve("admin.key");
  }

  /// What to show the service at an address. The admin key of this machine is shown to no other,
  /// and here to nobody but the user it belongs to.
  ///
  /// @throws Failure if what is named holds no key, or somebody else listens where the service
  ///   should
  ClientCredential forServiceAt(ServiceAddress address) {
    if (keyFile.isPresent()) {
      return named(keyFile.get());
    }
    String value = surroundings.environment().getOrDefault(VARIABLE, "").strip();
    if (!value.isEmpty()) {
      return shown(value, VARIABLE, Optional.empty(), false);
    }
    String looked = "there is neither --key-file nor " + VARIABLE;
    return address.isHere()
        ? admin(looked, address)
        : new ClientCredential.Missing(looked + ", and the admin key of this machine stays here");
  }

  private ClientCredential named(String name) {
    if (ClientCredential.KEY.matcher(name).find()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--key-file takes the name of a file that holds the key, not the key itself; other users"
              + " can read a command's arguments, so rotate that key with `agent-lab key rotate`");
    }
    Path file = surroundings.directory().resolve(name);
    try {
      return shown(text(file), file.toString(), Optional.of(file), false);
    } catch (NoSuchFileException _) {
      throw new CommandFailure(ExitCode.USAGE, "there is no file %s (--key-file)".formatted(file));
    } catch (AccessDeniedException _) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "user %s may not read %s (--key-file)".formatted(System.getProperty("user.name"), file));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s (--key-file) cannot be read: %s".formatted(file, e.getMessage()));
    }
  }

  private ClientCredential admin(String looked, ServiceAddress address) {
    Path file;
    try {
      file = adminKey(dataDir.get());
    } catch (ConfigException _) {
      return new ClientCredential.Missing(
          looked + ", and where admin.key is says a configuration that is not valid");
    }
    try {
      // With TLS the certificate proves who answers.
      if (!address.isEncrypted()) {
        requireNoStranger(file, address);
      }
      return shown(text(file), file.toString(), Optional.of(file), true);
    } catch (NoSuchFileException _) {
      return new ClientCredential.Missing("%s nor %s".formatted(looked, file));
    } catch (IOException _) {
      return new ClientCredential.Missing(
          "%s, and user %s may not read %s"
              .formatted(looked, System.getProperty("user.name"), file));
    }
  }

  /// While the service is down, any user of this machine can listen in its place.
  private void requireNoStranger(Path file, ServiceAddress address) throws IOException {
    Set<Integer> strangers = listeners.usersOf(address.port());
    if (!strangers.isEmpty()) {
      strangers.remove(ROOT);
      strangers.remove((Integer) Files.getAttribute(file, "unix:uid"));
    }
    if (!strangers.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the key in %s is not shown to %s: user %s listens there, whom it does not belong to; if"
                  .formatted(file, address, strangers.iterator().next())
              + " that is the service, name the key with --key-file");
    }
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(LONGEST + 1), StandardCharsets.UTF_8).strip();
    }
  }

  private static ClientCredential shown(
      String text, String place, Optional<Path> file, boolean local) {
    boolean known = API_KEY.matcher(text).matches() || TOKEN.matcher(text).matches();
    if (!known || text.length() > LONGEST) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s holds no key: %s".formatted(place, notAKey(text)));
    }
    return new ClientCredential.Shown(Secret.of(text), place, file, local);
  }

  /// Why a text is no key. Does not repeat it.
  private static String notAKey(String text) {
    if (text.isEmpty() || text.length() > LONGEST || text.lines().count() > 1) {
      return "one line is wanted, such as agl_key_… or a token of your identity provider";
    }
    return text.startsWith(API_KEY_START)
        ? "it begins with agl_ but is incomplete or damaged; copy the whole key"
        : "it does not begin with agl_, and it is no token of an identity provider";
  }
}
