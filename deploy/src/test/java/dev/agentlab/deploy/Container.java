package dev.agentlab.deploy;

import dev.agentlab.json.Json;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A container of the image in the network of the machine, run by runc as strictly as it allows: a
/// read-only root, no capability, no new privileges.
record Container(Process process, Path folder, String id) implements AutoCloseable {

  /// Starts a container.
  ///
  /// @param bundle the unpacked image
  /// @param folder mounted at `/data` in `data`, and at `/run/secrets` in `secrets`, which exist
  static Container start(Path bundle, Path folder, Map<String, String> environment)
      throws IOException {
    String id = "agent-lab-" + ProcessHandle.current().pid() + "-" + folder.getFileName();
    Path config = bundle.resolve("config.json");
    ObjectNode spec = (ObjectNode) Json.MAPPER.readTree(Files.readString(config));
    restrict(spec, folder, environment);
    Files.writeString(config, Json.MAPPER.writeValueAsString(spec));
    Process process =
        new ProcessBuilder(
                "runc",
                "--root",
                folder.resolve("runc").toString(),
                "run",
                "--bundle",
                bundle.toString(),
                id)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    return new Container(process, folder, id);
  }

  private static void restrict(ObjectNode spec, Path folder, Map<String, String> environment) {
    ObjectNode process = (ObjectNode) spec.get("process");
    process.put("terminal", false);
    process.put("noNewPrivileges", true);
    process.set("capabilities", Json.MAPPER.createObjectNode());
    ArrayNode variables = (ArrayNode) process.get("env");
    environment.forEach((name, value) -> variables.add(name + "=" + value));
    ((ObjectNode) spec.get("root")).put("readonly", true);
    ArrayNode mounts = (ArrayNode) spec.get("mounts");
    keep(mounts, mount -> !List.of("/data", "/tmp").contains(mount.get("destination").asString()));
    mounts.add(bind(folder.resolve("data"), "/data", "rw"));
    mounts.add(bind(folder.resolve("secrets"), "/run/secrets", "ro"));
    mounts
        .addObject()
        .put("destination", "/tmp")
        .put("type", "tmpfs")
        .put("source", "tmpfs")
        .putArray("options")
        .add("nosuid")
        .add("nodev")
        .add("mode=1777");
    ObjectNode linux = (ObjectNode) spec.get("linux");
    // The limits of a machine in a container cannot be raised.
    linux.remove("resources");
    process.remove("rlimits");
    keep(
        (ArrayNode) linux.get("namespaces"),
        namespace -> !List.of("network", "cgroup").contains(namespace.get("type").asString()));
  }

  private static void keep(ArrayNode nodes, Predicate<JsonNode> condition) {
    List<JsonNode> kept = nodes.valueStream().filter(condition).toList();
    nodes.removeAll();
    nodes.addAll(kept);
  }

  private static ObjectNode bind(Path source, String destination, String mode) {
    ObjectNode mount =
        Json.MAPPER
            .createObjectNode()
            .put("destination", destination)
            .put("type", "bind")
            .put("source", source.toString());
    mount.putArray("options").add("rbind").add("nosuid").add("nodev").add(mode);
    return mount;
  }

  /// Runs a program in the container.
  ///
  /// @return its exit code
  int exec(List<String> command) throws IOException, InterruptedException {
    Process exec =
        new ProcessBuilder(runc(List.of("exec", id), command))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("exec.log").toFile())
            .start();
    if (!exec.waitFor(1, TimeUnit.MINUTES)) {
      exec.destroyForcibly();
    }
    return exec.waitFor();
  }

  private List<String> runc(List<String> operation, List<String> command) {
    return Stream.of(
            List.of("runc", "--root", folder.resolve("runc").toString()), operation, command)
        .flatMap(List::stream)
        .toList();
  }

  /// The id of the program's process on the machine.
  long pid() throws IOException {
    JsonNode state =
        Json.MAPPER.readTree(
            LockedTools.run(folder, Map.of(), runc(List.of("state", id), List.of())));
    return state.get("pid").asLong();
  }

  /// Sends SIGTERM to the program and waits for it to exit.
  int stop() throws IOException, InterruptedException {
    String _ = LockedTools.run(folder, Map.of(), runc(List.of("kill", id, "TERM"), List.of()));
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      throw new AssertionError("the container does not exit:\n" + log());
    }
    return process.exitValue();
  }

  String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @Override
  public void close() throws IOException {
    if (process.isAlive()) {
      String _ =
          LockedTools.run(folder, Map.of(), runc(List.of("delete", "--force", id), List.of()));
      process.onExit().join();
    }
  }
}
