import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.LogManager;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.output.InfoOutput;
import org.flywaydb.core.api.output.InfoResult;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.api.output.ValidateOutput;
import org.flywaydb.core.api.output.ValidateResult;
import tools.jackson.databind.json.JsonMapper;

/**
 * Real Flyway as a server: one request per line on stdin, one answer per line on stdout, in whatever order they end.
 * Request: {id, command, url, user, password, config: {property without "flyway.": text}}.
 * Answer: {id, exit: ok | failed, …} in the form of the goldens in test/flyway/cases.
 */
public final class FlywayDriver {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] args) throws IOException {
        System.setOut(System.err);
        LogManager.getLogManager().reset();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ExecutorService threads = Executors.newCachedThreadPool();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Request request = JSON.readValue(line, Request.class);
            threads.execute(() -> answer(request));
        }
        System.exit(0);
    }

    public record Request(
            int id, String command, String url, String user, String password, Map<String, String> config) {}

    private static void answer(Request request) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", request.id());
        try {
            answer.put("exit", "ok");
            run(request, answer);
        } catch (FlywayException e) {
            fail(answer, e.getErrorCode().toString(), e);
        } catch (Throwable e) {
            fail(answer, null, e);
        }
        synchronized (OUT) {
            OUT.println(JSON.writeValueAsString(answer));
        }
    }

    private static void fail(Map<String, Object> answer, String code, Throwable e) {
        answer.put("exit", "failed");
        answer.put("errorCode", code);
        answer.put("message", e.getMessage());
    }

    private static void run(Request request, Map<String, Object> answer) {
        Map<String, String> properties = new LinkedHashMap<>();
        request.config().forEach((key, value) -> properties.put("flyway." + key, value));
        Flyway flyway = Flyway.configure()
                .configuration(properties)
                .dataSource(request.url(), request.user(), request.password())
                .load();
        switch (request.command()) {
            case "info" -> info(flyway.info(), answer);
            case "validate" -> validate(flyway.validateWithResult(), answer);
            case "migrate" -> answer.put("result", migrated(flyway.migrate()));
            case "baseline" -> flyway.baseline();
            case "repair" -> flyway.repair();
            default -> throw new IllegalArgumentException("no such command: " + request.command());
        }
    }

    private static Map<String, Object> migrated(MigrateResult result) {
        return object("migrationsExecuted", result.migrationsExecuted);
    }

    private static void info(MigrationInfoService service, Map<String, Object> answer) {
        InfoResult result = service.getInfoResult();
        List<Object> migrations = new ArrayList<>();
        for (InfoOutput m : result.migrations) {
            migrations.add(object(
                    "category", m.category,
                    "version", m.version,
                    "description", m.description,
                    "type", m.type,
                    "state", m.state));
        }
        List<Object> sources = new ArrayList<>();
        for (MigrationInfo m : service.all()) {
            sources.add(object("script", m.getScript(), "checksum", m.getChecksum()));
        }
        answer.put("result", object("schemaVersion", result.schemaVersion, "migrations", migrations));
        answer.put("sources", sources);
    }

    private static void validate(ValidateResult result, Map<String, Object> answer) {
        if (result.validationSuccessful) return;
        List<Object> invalid = new ArrayList<>();
        for (ValidateOutput m : result.invalidMigrations) {
            invalid.add(object(
                    "version", m.version,
                    "description", m.description,
                    "errorCode", m.errorDetails.errorCode.toString()));
        }
        answer.put("exit", "failed");
        answer.put("errorCode", result.errorDetails.errorCode.toString());
        answer.put("message", result.errorDetails.errorMessage);
        answer.put("invalidMigrations", invalid);
    }

    private static Map<String, Object> object(Object... keysAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            object.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return object;
    }
}
