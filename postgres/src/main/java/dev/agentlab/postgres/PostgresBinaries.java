package dev.agentlab.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL programs bundled with this build: an archive, published by the zonky project for
/// each operating system and processor, and such archives of older major versions, with the version
/// in their names. They are on the class path, or in the folder that the system property [#FOLDER]
/// names.
final class PostgresBinaries {
  static final String FOLDER = "agent-lab.postgres";

  private static final Logger LOG = LoggerFactory.getLogger(PostgresBinaries.class);
  private static final String HOME_PREFIX = "runtime-";

  private PostgresBinaries() {}

  /// Unpacks the archive unless its folder exists. A folder that exists is complete.
  ///
  /// @param parent the folder in which to create a folder named after the archive's content
  static PostgresPrograms unpackInto(Path parent) throws IOException {
    String name = archiveName("");
    URL archive =
        find(name)
            .orElseThrow(() ->
                new IOException(
                    "there is no PostgreSQL for this machine: " + describeMissing(name)));
    return unpackInto(parent, archive, HOME_PREFIX);
  }

  /// Unpacks the archive of an older major version, as for [#unpackInto].
  ///
  /// @throws IOException if there is none
  static PostgresPrograms unpackOlder(Path parent, int major) throws IOException {
    String name = archiveName(major + "-");
    URL archive =
        find(name)
            .orElseThrow(() ->
                new IOException(
                    "this program does not have PostgreSQL %d: %s"
                        .formatted(major, describeMissing(name))));
    PostgresPrograms programs = unpackInto(parent, archive, "%s%d-".formatted(HOME_PREFIX, major));
    if (programs.major() != major) {
      throw new IOException(
          "%s contains PostgreSQL %d instead of %d".formatted(archive, programs.major(), major));
    }
    return programs;
  }

  private static PostgresPrograms unpackInto(Path parent, URL archive, String prefix)
      throws IOException {
    Path home = parent.resolve(prefix + fingerprint(archive));
    if (Files.notExists(home)) {
      LOG.info("unpacking PostgreSQL to {}", home);
      Path draft = Files.createTempDirectory(parent, FolderOperations.DRAFT_PREFIX);
      unpack(archive, draft);
      FolderOperations.sync(draft);
      publish(draft, home);
    }
    return new PostgresPrograms(home);
  }

  private static Optional<URL> find(String name) throws IOException {
    String folder = System.getProperty(FOLDER);
    if (folder == null) {
      return Optional.ofNullable(PostgresBinaries.class.getClassLoader().getResource(name));
    }
    Path file = Path.of(folder, name);
    return Files.exists(file) ? Optional.of(file.toUri().toURL()) : Optional.empty();
  }

  private static String describeMissing(String name) {
    String folder = System.getProperty(FOLDER);
    return folder == null
        ? name + " is not on the class path"
        : Path.of(folder, name) + " is missing";
  }

  /// Deletes the programs that other builds unpacked.
  static void deleteOtherBuilds(PostgresPrograms current) throws IOException {
    for (Path sibling : FolderOperations.children(FolderOperations.parent(current.home()))) {
      if (FolderOperations.name(sibling).startsWith(HOME_PREFIX)
          && !sibling.equals(current.home())) {
        FolderOperations.deleteQuietly(sibling);
      }
    }
  }

  private static String archiveName(String version) {
    return archiveName(version, System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /// The name of an archive.
  ///
  /// @param version the major version and a hyphen, or empty for the present version
  static String archiveName(String version, String os, String arch) {
    String system = os.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
    String processor =
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> arch;
        };
    return "postgres-%s%s-%s.txz".formatted(version, system, processor);
  }

  /// Identifies the content without reading it: by the size and checksum recorded in the jar.
  private static String fingerprint(URL archive) throws IOException {
    URLConnection connection = archive.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return "%x-%x".formatted(jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
    }
    return "%x-%x".formatted(connection.getContentLengthLong(), connection.getLastModified());
  }

  private static void unpack(URL archive, Path into) throws IOException {
    try (InputStream file = archive.openStream();
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(file)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpack(entry, tar, into.resolve(entry.getName()).normalize());
      }
    }
  }

  private static void unpack(TarArchiveEntry entry, TarArchiveInputStream content, Path to)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(to);
      return;
    }
    Files.createDirectories(FolderOperations.parent(to));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(to, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(content, to);
    if ((entry.getMode() & 0100) != 0) {
      Files.setPosixFilePermissions(to, FolderOperations.OWNER_ONLY);
    }
  }

  private static void publish(Path draft, Path home) throws IOException {
    try {
      Files.move(draft, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another process has published the same content first.
      FolderOperations.deleteQuietly(draft);
      if (Files.notExists(home)) {
        throw e;
      }
    }
  }
}
