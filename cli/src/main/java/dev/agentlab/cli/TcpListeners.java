package dev.agentlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The TCP listeners on this machine, read from procfs on Linux.
///
/// @param tables files in the format of `/proc/net/tcp` (proc_pid_net(5)); missing files, as on
///   other systems, count as empty
record TcpListeners(List<Path> tables) {
  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;
  private static final int USER = 7;
  private static final String LISTENING = "0A";

  static TcpListeners ofThisMachine() {
    return new TcpListeners(List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6")));
  }

  /// The ids of the users whose processes listen on a port, at any address.
  Set<Integer> usersOf(int port) {
    Set<Integer> users = new HashSet<>();
    for (Path table : tables) {
      try {
        for (String line : Files.readAllLines(table)) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns.length > USER
              && columns[STATE].equals(LISTENING)
              && columns[LOCAL_ADDRESS].endsWith(":%04X".formatted(port))) {
            users.add(Integer.parseUnsignedInt(columns[USER]));
          }
        }
      } catch (IOException _) {
        // The table does not exist on this system.
      }
    }
    return users;
  }
}
