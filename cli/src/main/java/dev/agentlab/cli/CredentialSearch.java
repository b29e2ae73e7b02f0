package dev.agentlab.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Finds the credential for the service: in the file that `--key-file` names, else in
/// `AGENT_LAB_KEY`, else in `admin.key` in a data folder.
///
/// @param dataDir the data folder; may throw [InvalidConfigFailure]
record CredentialSearch(
    LaunchContext launchContext, Optional<String> keyFile, Supplier<Path> dataDir) {
  static final String VARIABLE = "AGENT_LAB_KEY";

  /// In bytes and in characters. Tokens of identity providers are much shorter.
  private static final int MAX_LENGTH = 16 * 1024;

  private static final String API_KEY_PREFIX = "agl_";

  private static final Pattern API_KEY = Pattern.compile("agl_[a-z]+_[0-9A-Za-z]+_[0-9A-Za-z]{49}");

  /// A JSON Web Token in its compact form (RFC 7515, section 7.1).
  private static final Pattern TOKEN = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");

  /// The file in which the service stores its admin key.
  static Path adminKeyFile(Path dataDir) {
    return dataDir.resolve("admin.key");
  }

  /// The credential for the service at an address. The admin key is sent only to this machine.
  ///
  /// @throws CommandFailure if the named file or the variable does not contain a key
  ClientCredential find(ServiceAddress address) {
    if (keyFile.isPresent()) {
      return readKeyFile(keyFile.get());
    }
    String value = launchContext.environment().getOrDefault(VARIABLE, "").strip();
    if (!value.isEmpty()) {
      return validate(value, VARIABLE, Optional.empty(), false);
    }
    String searched = "neither --key-file nor %s is set".formatted(VARIABLE);
    return address.isLocal()
        ? readAdminKey(searched)
        : new ClientCredential.Missing(
            searched + ", and the admin key of this machine is not sent to another machine");
  }

  private ClientCredential readKeyFile(String name) {
    if (ClientCredential.KEY_PATTERN.matcher(name).find()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--key-file: must be the name of a file that contains the key, not the key itself; other"
              + " users can read the arguments of a command, so rotate the key with"
              + " `agent-lab key rotate`");
    }
    Path file = launchContext.directory().resolve(name);
    try {
      return validate(readText(file), file.toString(), Optional.of(file), false);
    } catch (NoSuchFileException _) {
      throw new CommandFailure(ExitCode.USAGE, "--key-file: %s does not exist".formatted(file));
    } catch (AccessDeniedException _) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--key-file: user %s is not permitted to read %s"
              .formatted(System.getProperty("user.name"), file));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "--key-file: %s cannot be read: %s".formatted(file, e.getMessage()));
    }
  }

  private ClientCredential readAdminKey(String searched) {
    Path file;
    try {
      file = adminKeyFile(dataDir.get());
    } catch (InvalidConfigFailure _) {
      return new ClientCredential.Missing(
          searched + ", and the configuration that sets the data folder is not valid");
    }
    try {
      return validate(readText(file), file.toString(), Optional.of(file), true);
    } catch (NoSuchFileException _) {
      return new ClientCredential.Missing("%s, and %s does not exist".formatted(searched, file));
    } catch (IOException _) {
      return new ClientCredential.Missing(
          "%s, and user %s is not permitted to read %s"
              .formatted(searched, System.getProperty("user.name"), file));
    }
  }

  private static String readText(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_LENGTH + 1), StandardCharsets.UTF_8).strip();
    }
  }

  private static ClientCredential validate(
      String text, String place, Optional<Path> file, boolean local) {
    boolean valid = API_KEY.matcher(text).matches() || TOKEN.matcher(text).matches();
    if (!valid || text.length() > MAX_LENGTH) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s does not contain a key: %s".formatted(place, invalidReason(text)));
    }
    return new ClientCredential.Present(text, place, file, local);
  }

  /// Why text is not a key. Does not quote the text, which may be a secret.
  private static String invalidReason(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH || text.lines().count() > 1) {
      return "must be one line, such as agl_key_… or a token of your identity provider";
    }
    return text.startsWith(API_KEY_PREFIX)
        ? "it begins with agl_ but is incomplete or damaged; copy the entire key"
        : "it does not begin with agl_, and is not a token of an identity provider";
  }
}
