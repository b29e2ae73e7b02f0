package dev.agentlab.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.impl.ShutdownEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection as the edge watches over it: how long a request may take to arrive, whether an
/// answer is being read, and whether the caller is still there. It stands between the HTTP codec
/// and Vert.x, which offers none of this, and is used on the connection's event loop only.
final class ConnectionMonitor extends ChannelDuplexHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionMonitor.class);
  private static final String NAME = "watch";

  /// How long the rest of a request that nobody will read is still taken in, so that the caller
  /// gets to read the answer before the connection is reset.
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final HttpSettings settings;
  private final Set<ConnectionMonitor> connections;
  private final Channel channel;
  private final String address;

  /// Requests whose head has arrived and whose answer has not been written.
  private int unanswered;

  /// The one of them that is being answered.
  private @Nullable HttpExchange current;

  /// Whether the last head's body is still to come.
  private boolean receiving;

  /// Whether the connection ends with that body.
  private boolean closing;

  /// Whether the connection ends once all that has arrived is answered.
  private boolean ending;

  /// Whether an answer has begun that is the connection's last. What follows the request that it
  /// answers is then nobody's request: where that one ends may be the very thing it got wrong.
  private boolean over;

  /// When the head awaited or the body being received must be whole, in [System#nanoTime()].
  private long deadline;

  // What the socket was about to take when last looked at, and since when that has not changed.
  private int pending;
  private long pendingProgress;
  private long pendingSince;

  private ConnectionMonitor(
      HttpSettings settings, Set<ConnectionMonitor> connections, Channel channel) {
    this.settings = settings;
    this.connections = connections;
    this.channel = channel;
    this.address =
        channel.remoteAddress() instanceof InetSocketAddress inet
            ? inet.getAddress().getHostAddress()
            : "";
    this.deadline = after(settings.headTimeout());
  }

  /// Starts to watch a new connection.
  ///
  /// @param connections those of the same event loop; it joins them until it ends
  static void watch(
      HttpConnection connection,
      HttpSettings settings,
      Http1ServerConfig http1,
      Set<ConnectionMonitor> connections) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    ConnectionMonitor watched = new ConnectionMonitor(settings, connections, channel);
    connections.add(watched);
    channel.pipeline().replace("httpDecoder", "httpDecoder", new RequestHeadDecoder(http1));
    channel.pipeline().addBefore("handler", NAME, watched);
  }

  static ConnectionMonitor of(HttpServerRequest request) {
    return (ConnectionMonitor)
        ((HttpServerConnection) request.connection()).channelHandlerContext().pipeline().get(NAME);
  }

  /// The address of the socket's other side, which may be a proxy; empty if it has none.
  String address() {
    return address;
  }

  void answering(HttpExchange exchange) {
    current = exchange;
  }

  /// Whether no request is taken on any more, although one that came early may still turn up.
  boolean isOver() {
    return over;
  }

  /// Ends the connection once every request that has arrived is answered, and that is sent.
  void closeOnceAnswered() {
    ending = true;
    if (unanswered == 0) {
      closeWhenSent();
    }
  }

  /// Ends the connection, whose last answer is sent, once the request it answers is received.
  private void closeAfterAnswer() {
    if (receiving) {
      closing = true;
      deadline = after(LINGER);
    } else {
      closeWhenSent();
    }
  }

  private void closeWhenSent() {
    var _ = channel.close();
  }

  /// Ends the connection whatever waits to be sent: from here the call does not pass through
  /// Vert.x, which would wait for a reader that does not read.
  void cut() {
    ChannelHandlerContext here = channel.pipeline().context(this);
    if (here != null) {
      var _ = here.close();
    }
  }

  /// Looks whether a time limit has passed.
  void check(long now) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out != null && out.current() != null) {
      checkProgress(out, now);
      return;
    }
    pending = 0;
    if (now - deadline < 0) {
      return;
    }
    if (receiving) {
      if (current != null) {
        current.receivedTooSlowly();
      } else if (unanswered == 0) {
        cut();
      }
    } else if (unanswered == 0) {
      cut();
    }
  }

  private void checkProgress(ChannelOutboundBuffer out, long now) {
    int next = System.identityHashCode(out.current());
    if (pending != next || pendingProgress != out.currentProgress()) {
      pending = next;
      pendingProgress = out.currentProgress();
      pendingSince = now;
    } else if (now - pendingSince > settings.writeTimeout().toNanos()) {
      LOG.info("cut the connection of {}: its reader takes nothing", address);
      cut();
    }
    if (!receiving) {
      deadline = now + settings.idleTimeout().toNanos();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (over) {
      ReferenceCountUtil.release(message);
    } else {
      if (message instanceof HttpRequest head) {
        begin(head);
      }
      context.fireChannelRead(message);
    }
    if (message instanceof LastHttpContent) {
      receiving = false;
      if (closing) {
        closeWhenSent();
      }
    }
  }

  private void begin(HttpRequest head) {
    unanswered++;
    receiving = true;
    deadline = after(settings.readTimeout());
    HttpVersion version = head.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      // Else Vert.x answers in its own words.
      head.setDecoderResult(DecoderResult.failure(new UnsupportedVersion()));
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    // Known before Vert.x turns to the next request, which it may have already.
    over |= message instanceof HttpResponse head && closes(head);
    if (message instanceof LastHttpContent && !isInterim(message)) {
      ChannelPromise sent = promise.unvoid();
      var _ = context.write(message, sent);
      answered(sent);
    } else {
      var _ = context.write(message, promise);
    }
  }

  private void answered(ChannelPromise sent) {
    unanswered--;
    current = null;
    over |= ending && unanswered == 0;
    if (over) {
      unanswered = 0;
      sent.addListener(_ -> closeAfterAnswer());
    } else if (!receiving) {
      deadline = after(settings.idleTimeout());
    }
  }

  private static boolean closes(HttpResponse head) {
    return head.headers().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
  }

  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse head
        && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connections.remove(this);
    if (current != null) {
      current.callerLeft();
    }
    context.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    // Told of a shutdown, Vert.x would drop requests that are about to arrive and cut answers that
    // are not yet sent. HttpServer ends the connections itself.
    if (!(event instanceof ShutdownEvent)) {
      context.fireUserEventTriggered(event);
    }
  }

  private static long after(Duration duration) {
    return System.nanoTime() + duration.toNanos();
  }

  /// The request is of an HTTP that is not spoken here.
  static final class UnsupportedVersion extends RuntimeException {
    UnsupportedVersion() {
      super("not HTTP/1.1", null, false, false);
    }
  }
}
