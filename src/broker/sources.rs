//! Where the facts were read.

/// The address behind a fact's `source`; a sentence where there is none.
pub fn source(key: &str) -> Option<&'static str> {
    SOURCES.iter().find(|(name, _)| *name == key).map(|(_, address)| *address)
}

/// Key and address, in the order of the brokers.
const SOURCES: &[(&str, &str)] = &[
    ("TAILBACK", "Tailback's own neutral broker"),
    ("ASSUMED", "believed; not verified"),
    ("R-QQ", "https://www.rabbitmq.com/docs/quorum-queues"),
    ("R-ML", "https://www.rabbitmq.com/docs/maxlength"),
    ("R-PF", "https://www.rabbitmq.com/docs/consumer-prefetch"),
    ("R-CF", "https://www.rabbitmq.com/docs/confirms"),
    ("R-CO", "https://www.rabbitmq.com/docs/consumers"),
    ("R-ST", "https://www.rabbitmq.com/docs/streams"),
    ("R-MEM", "https://www.rabbitmq.com/docs/memory"),
    ("R-DLX", "https://www.rabbitmq.com/docs/dlx"),
    ("R-TTL", "https://www.rabbitmq.com/docs/ttl"),
    ("S-API", "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"),
    ("S-QM", "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"),
    (
        "S-FT",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-fifo-throttling-issues.html",
    ),
    (
        "S-BK",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/avoid-backlog-with-the-same-message-group-id.html",
    ),
    ("S-KEY", "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-key-terms.html"),
    ("S-HANDLE", "https://www.repost.aws/knowledge-center/sqs-receipt-handle-error"),
    ("S-KC", "https://www.repost.aws/knowledge-center/sqs-fifo-messages-not-returned"),
    (
        "S-DLQ",
        "https://docs.amazonaws.cn/en_us/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html",
    ),
    ("J-SRC", "https://github.com/nats-io/nats-server/blob/main/server/consumer.go"),
    ("J-C", "https://docs.nats.io/nats-concepts/jetstream/consumers"),
    ("J-S", "https://docs.nats.io/nats-concepts/jetstream/streams"),
    ("J-MD", "https://github.com/nats-io/nats.docs/blob/master/using-nats/jetstream/model_deep_dive.md"),
    ("N-CORE", "https://docs.nats.io/learn/core-nats"),
    ("N-GO", "https://github.com/nats-io/nats.go/blob/main/nats.go"),
    ("N-SLOW", "https://docs.nats.io/using-nats/developing-with-nats/events/slow"),
    ("X-RG", "https://redis.io/docs/latest/commands/xreadgroup/"),
    ("X-AC", "https://redis.io/docs/latest/commands/xautoclaim/"),
    ("X-TR", "https://redis.io/docs/latest/commands/xtrim/"),
    ("X-ID", "https://redis.io/docs/latest/develop/data-types/streams/idempotency/"),
    (
        "K-CONS",
        "https://github.com/apache/kafka/blob/trunk/clients/src/main/java/org/apache/kafka/clients/consumer/ConsumerConfig.java",
    ),
    (
        "K-PROD",
        "https://github.com/apache/kafka/blob/trunk/clients/src/main/java/org/apache/kafka/clients/producer/ProducerConfig.java",
    ),
    (
        "K-GRP",
        "https://github.com/apache/kafka/blob/trunk/group-coordinator/src/main/java/org/apache/kafka/coordinator/group/GroupCoordinatorConfig.java",
    ),
    (
        "K-SGC",
        "https://github.com/apache/kafka/blob/trunk/group-coordinator/src/main/java/org/apache/kafka/coordinator/group/modern/share/ShareGroupConfig.java",
    ),
    ("K-39", "https://kafka.apache.org/39/documentation.html"),
    ("K-44", "https://kafka.apache.org/44/configuration/group-configs/"),
    ("K-REB", "https://kafka.apache.org/44/operations/consumer-rebalance-protocol/"),
    (
        "K-1222",
        "https://cwiki.apache.org/confluence/display/KAFKA/KIP-1222:+Acquisition+lock+timeout+renewal+in+share+consumer+explicit+mode",
    ),
    ("KD-KCL", "https://docs.aws.amazon.com/streams/latest/dev/kcl-configuration.html"),
    ("KD-LIM", "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"),
    ("KD-API", "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html"),
    ("L-KIN", "https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"),
    (
        "A-LOCK",
        "https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.administration.createqueueoptions.lockduration",
    ),
    (
        "A-REN",
        "https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebusprocessor.maxautolockrenewalduration",
    ),
    (
        "A-SET",
        "https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/service-bus-messaging/message-transfers-locks-settlement.md",
    ),
    (
        "A-PF",
        "https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/service-bus-messaging/service-bus-prefetch.md",
    ),
    (
        "A-DUP",
        "https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/service-bus-messaging/duplicate-detection.md",
    ),
    (
        "A-THR",
        "https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/service-bus-messaging/service-bus-throttling.md",
    ),
    (
        "A-SES",
        "https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/service-bus-messaging/message-sessions.md",
    ),
    ("A-LOST", "https://learn.microsoft.com/dotnet/api/microsoft.azure.servicebus.messagelocklostexception"),
    ("A-SES2", "https://github.com/MicrosoftDocs/azure-docs/pull/128317"),
    ("A-Q", "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas"),
    ("P-SUB", "https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions"),
    (
        "P-DLQ",
        "https://documentation.s3ns.fr/python/docs/reference/pubsub/2.32.0/google.cloud.pubsub_v1.types.DeadLetterPolicy",
    ),
    (
        "P-RET",
        "https://documentation.s3ns.fr/python/docs/reference/pubsub/2.32.0/google.cloud.pubsub_v1.types.RetryPolicy",
    ),
    ("P-PY", "https://github.com/googleapis/python-pubsub"),
    ("P-Q", "https://cloud.google.com/pubsub/quotas"),
    ("P-EOD", "https://docs.cloud.google.com/pubsub/docs/exactly-once-delivery"),
    ("N-RET", "https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html"),
    ("N-API", "https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"),
    (
        "N-Q",
        "https://www.repost.aws/ja/questions/QU-TR2wYBeTzSJiptJwb58Xw/what-about-sns-fifo-topic-total-publish-throughput-in-an-account",
    ),
    ("EB-Q", "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"),
    (
        "E-TL",
        "https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/event-hubs/includes/event-hubs-tier-limits.md",
    ),
    (
        "E-LB",
        "https://learn.microsoft.com/dotnet/api/azure.messaging.eventhubs.eventprocessorclientoptions.loadbalancingupdateinterval",
    ),
    (
        "E-NET",
        "https://learn.microsoft.com/dotnet/api/azure.messaging.eventhubs.primitives.eventprocessoroptions.partitionownershipexpirationinterval",
    ),
    ("HPA", "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"),
    ("KEDA-SO", "https://keda.sh/docs/2.20/reference/scaledobject-spec/"),
    ("KEDA-ACT", "https://keda.sh/docs/2.20/concepts/scaling-deployments/"),
    ("KEDA-K", "https://keda.sh/docs/2.20/scalers/apache-kafka/"),
    ("KEDA-S", "https://keda.sh/docs/2.20/scalers/"),
    ("CA", "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"),
    ("AAS", "https://docs.amazonaws.cn/en_us/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html"),
    (
        "AAS-API",
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html",
    ),
    ("AAS-STEP", "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StepAdjustment.html"),
    (
        "AAS-SPC",
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepScalingPolicyConfiguration.html",
    ),
    ("L-SQS", "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"),
    ("L-REV", "https://architecture.nextpoint.com/article-reviews/group-01-sqs-lambda-integration"),
];
