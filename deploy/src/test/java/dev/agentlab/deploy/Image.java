package dev.agentlab.deploy;

import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// The image, built from the unpacked archive without a daemon, on a base of four Debian packages.
///
/// Where the tools are missing, the test is skipped, unless the environment says
/// `REQUIRE_CONTAINERS=true`.
///
/// @param folder the working folder
record Image(Path folder) {
  private static final List<String> BASE_PACKAGES =
      List.of("libc6", "zlib1g", "libgcc-s1", "tzdata");

  static Image build(Path folder) throws IOException {
    Image image = new Image(folder);
    try {
      image.buildBase();
    } catch (IOException e) {
      if ("true".equals(System.getenv("REQUIRE_CONTAINERS"))) {
        throw e;
      }
      Assumptions.abort("needs root, and Debian with buildah, umoci and runc: " + e.getMessage());
    }
    image.buildah(
        "bud",
        "--quiet",
        "--isolation",
        "chroot",
        "--build-arg",
        "BASE=localhost/base",
        "--file",
        Path.of("image/Dockerfile").toAbsolutePath().toString(),
        "--tag",
        "agent-lab",
        Path.of("target/image").toAbsolutePath().toString());
    return image;
  }

  private void buildBase() throws IOException {
    Path packages = Files.createDirectory(folder.resolve("packages"));
    Path root = Files.createDirectory(folder.resolve("base"));
    List<String> download = new ArrayList<>(List.of("apt-get", "download", "--quiet"));
    download.addAll(BASE_PACKAGES);
    run(packages, download);
    try (Stream<Path> files = Files.list(packages)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".deb")).toList()) {
        run(folder, List.of("dpkg", "-x", file.toString(), root.toString()));
      }
    }
    String container = buildah("from", "scratch").strip();
    buildah("copy", "--quiet", container, root.toString(), "/");
    buildah("commit", "--quiet", "--rm", container, "base");
  }

  /// Exports the image as files, as a registry has it.
  ///
  /// @return the folder
  Path export() throws IOException {
    Path files = folder.resolve("oci");
    buildah("push", "--quiet", "agent-lab", "oci:" + files + ":latest");
    return files;
  }

  /// Unpacks the image for a container runtime.
  ///
  /// @return the folder with `config.json` and `rootfs`
  Path unpack() throws IOException {
    Path bundle = folder.resolve("bundle");
    run(folder, List.of("umoci", "unpack", "--image", export() + ":latest", bundle.toString()));
    return bundle;
  }

  private String buildah(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "buildah",
                "--root",
                folder.resolve("images").toString(),
                "--runroot",
                folder.resolve("run").toString(),
                "--storage-driver",
                "vfs"));
    command.addAll(List.of(arguments));
    return run(folder, command);
  }

  private static String run(Path folder, List<String> command) throws IOException {
    return LockedTools.run(folder, Map.of(), command);
  }
}
