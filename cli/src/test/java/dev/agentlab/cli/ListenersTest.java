package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {
  @TempDir private Path folder;

  @Test
  void listenerOnThisMachineIsFound() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "only Linux has this table");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(TcpListeners.ofThisMachine().usersOf(socket.getLocalPort()))
          .containsExactly((Integer) Files.getAttribute(folder, "unix:uid"));
    }
  }

  @Test
  void onlyListenersOnPortAreReturned() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("tcp"),
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 21 1 0
               1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65534        0 22 1 0
               2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1001        0 23 1 0
               3: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 24 1 0
               4: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1003        0 25 1 0
            """);
    Path table6 =
        Files.writeString(
            folder.resolve("tcp6"),
            """
              sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1004        0 26 1 0
            """);
    TcpListeners listeners = new TcpListeners(List.of(table, table6, folder.resolve("none")));

    assertThat(listeners.usersOf(8080)).containsExactlyInAnyOrder(1000, 65534, 1004);
    assertThat(listeners.usersOf(8082)).isEmpty();
  }
}
