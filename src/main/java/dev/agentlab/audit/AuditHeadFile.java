package dev.agentlab.audit;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.secrets.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of a row of the trail, written as `audit verify` takes it: `SEQ:HASH`. A service works
/// without it too, and says so once. For one thread at a time.
final class AuditHeadFile {
  private static final Logger LOG = LoggerFactory.getLogger(AuditHeadFile.class);

  private static final Pattern HEAD = Pattern.compile("([0-9]{1,18}):([0-9a-f]{64})");

  private final Path path;
  private Optional<AuditHead> kept = Optional.empty();
  private boolean failed;

  AuditHeadFile(Path path) {
    this.path = path;
  }

  /// The row in it; empty if there is no file, or none that can be read.
  Optional<AuditHead> read() {
    try {
      Matcher text = HEAD.matcher(Files.readString(path, StandardCharsets.ISO_8859_1).strip());
      if (text.matches()) {
        kept =
            Optional.of(new AuditHead(Long.parseLong(text.group(1)), new AuditHash(text.group(2))));
      } else {
        LOG.error("{} does not hold the head of an audit trail, and will be replaced", path);
      }
    } catch (NoSuchFileException _) {
      // Nothing was kept yet.
    } catch (IOException e) {
      LOG.error("cannot read {}, which remembers the end of the audit trail: {}", path, e);
    }
    return kept;
  }

  /// Writes a row into it, unless it has that.
  void keep(AuditHead head) {
    if (kept.equals(Optional.of(head))) {
      return;
    }
    try {
      PrivateFile.createFolder(Objects.requireNonNull(path.toAbsolutePath().getParent()));
      PrivateFile.write(path, "%d:%s\n".formatted(head.seq(), head.hash().hex()));
      kept = Optional.of(head);
      failed = false;
    } catch (IOException e) {
      if (!failed) {
        LOG.warn(
            "cannot write {}: {}; after a restart nobody remembers how far the audit trail went",
            path,
            e.toString());
      }
      failed = true;
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
