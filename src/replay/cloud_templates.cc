#include "replay/cloud_templates.h"

#include <array>

namespace sightline::replay {
namespace {

using enum CallerGroup;

constexpr std::string_view kObjectResources =
    R"([{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::$b/$k"},{"accountId":"629845012331","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::$b"}])";
constexpr std::string_view kObjectRequest = R"({"bucketName":"$b","Host":"$b.s3.us-east-1.amazonaws.com","key":"$k"})";
constexpr std::string_view kAssumeResponse =
    R"({"credentials":{"accessKeyId":"ASIA$A","expiration":"Jan 1, 2030, 7:00:00 PM","sessionToken":"IQoJb3JpZ2luX2VjE$h$h$h$h$h$h$h$h"},"assumedRoleUser":{"assumedRoleId":"AROA$A:$i","arn":"arn:aws:sts::629845012331:assumed-role/$r/$i"}})";
constexpr std::string_view kAssumeResources =
    R"([{"accountId":"629845012331","type":"AWS::IAM::Role","ARN":"arn:aws:iam::629845012331:role/$r"}])";
constexpr std::string_view kPutLogs = R"({"logGroupName":"/aws/lambda/$f","logStreamName":"2024/$n/[$n]$h"})";

constexpr auto kTemplates = std::to_array<CallTemplate>({
    {14, service, "sts", "AssumeRole", true, false,
     R"({"roleArn":"arn:aws:iam::629845012331:role/$r","roleSessionName":"$i","durationSeconds":3600})",
     kAssumeResponse, kAssumeResources},
    {12, instance, "s3", "GetObject", true, true, kObjectRequest, {}, kObjectResources},
    {7, instance, "s3", "PutObject", false, true, kObjectRequest, R"({"x-amz-server-side-encryption":"AES256"})",
     kObjectResources},
    {5, function, "s3", "GetObject", true, true, kObjectRequest, {}, kObjectResources},
    {4, function, "s3", "PutObject", false, true, kObjectRequest, {}, kObjectResources},
    {3, instance, "s3", "HeadObject", true, true, kObjectRequest, {}, kObjectResources},
    {2,
     instance,
     "s3",
     "ListObjects",
     true,
     true,
     R"({"list-type":"2","bucketName":"$b","prefix":"events/","encoding-type":"url","Host":"$b.s3.us-east-1.amazonaws.com"})",
     {},
     R"([{"accountId":"629845012331","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::$b"}])"},
    {9, agent, "ssm", "UpdateInstanceInformation", false, false,
     R"({"instanceId":"$i","agentVersion":"3.1.1732.0","agentStatus":"Active","platformType":"Linux","platformName":"Ubuntu","platformVersion":"20.04","iPAddress":"10.0.1.$n","computerName":"ip-10-0-1-$n.ec2.internal"})"},
    {5, agent, "ssm", "ListInstanceAssociations", true, false, R"({"instanceId":"$i","maxResults":20})"},
    {6, instance, "ec2", "DescribeInstances", true, false,
     R"({"instancesSet":{"items":[{"instanceId":"$i"}]},"filterSet":{}})"},
    {5, automation, "ec2", "DescribeInstances", true, false,
     R"({"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}})"},
    {3, automation, "ec2", "DescribeVolumes", true, false, R"({"volumeSet":{},"filterSet":{}})"},
    {3, automation, "ec2", "DescribeSecurityGroups", true, false,
     R"({"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"$g"}]},"filterSet":{}})"},
    {2, automation, "ec2", "DescribeSnapshots", true, false,
     R"({"snapshotSet":{},"ownersSet":{"items":[{"owner":"self"}]},"sharedUsersSet":{},"filterSet":{}})"},
    {2, person, "ec2", "DescribeInstances", true, false,
     R"({"maxResults":50,"instancesSet":{},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web-*"}]}}]}})"},
    {1, person, "ec2", "DescribeInstanceStatus", true, false,
     R"({"instancesSet":{"items":[{"instanceId":"$i"}]},"filterSet":{},"includeAllInstances":true})"},
    {0.1, person, "ec2", "AuthorizeSecurityGroupIngress", false, false,
     R"({"groupId":"$g","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.0.$n.0/24"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
     R"({"requestId":"$u","_return":true})"},
    {0.3, automation, "ec2", "RunInstances", false, false,
     R"({"instancesSet":{"items":[{"imageId":"ami-0$h","minCount":1,"maxCount":1,"keyName":"ops"}]},"instanceType":"t3.medium","blockDeviceMapping":{},"monitoring":{"enabled":false},"subnetId":"subnet-0$h","disableApiTermination":false,"clientToken":"$u"})",
     R"({"requestId":"$u","reservationId":"r-0$h","ownerId":"629845012331","groupSet":{},"instancesSet":{"items":[{"instanceId":"$i","imageId":"ami-0$h","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-0-1-$n.ec2.internal","amiLaunchIndex":0,"instanceType":"t3.medium"}]}})"},
    {0.3, automation, "ec2", "TerminateInstances", false, false, R"({"instancesSet":{"items":[{"instanceId":"$i"}]}})",
     R"({"requestId":"$u","instancesSet":{"items":[{"instanceId":"$i","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}})"},
    {2, automation, "ec2", "CreateTags", false, false,
     R"({"resourcesSet":{"items":[{"resourceId":"$i"}]},"tagSet":{"items":[{"key":"Owner","value":"platform"},{"key":"CostCenter","value":"$n"}]}})",
     R"({"requestId":"$u","_return":true})"},
    {5, automation, "autoscaling", "DescribeAutoScalingGroups", true, false, R"({"maxRecords":100})"},
    {4, automation, "elasticloadbalancing", "DescribeTargetHealth", true, false,
     R"({"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:629845012331:targetgroup/web/$h"})"},
    {3,
     service,
     "kms",
     "GenerateDataKey",
     true,
     false,
     R"({"keyId":"arn:aws:kms:us-east-1:629845012331:key/$u","keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::$b"}})",
     {},
     R"([{"accountId":"629845012331","type":"AWS::KMS::Key","ARN":"arn:aws:kms:us-east-1:629845012331:key/$u"}])"},
    {6,
     function,
     "kms",
     "Decrypt",
     true,
     false,
     R"({"encryptionContext":{"aws:lambda:FunctionArn":"arn:aws:lambda:us-east-1:629845012331:function:$f"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"})",
     {},
     R"([{"accountId":"629845012331","type":"AWS::KMS::Key","ARN":"arn:aws:kms:us-east-1:629845012331:key/$u"}])"},
    {5, function, "logs", "CreateLogStream", false, false, kPutLogs},
    {3, function, "dynamodb", "DescribeTable", true, false, R"({"tableName":"$t"})"},
    {2, function, "secretsmanager", "GetSecretValue", true, false, R"({"secretId":"prod/$f/database"})"},
    {3,
     service,
     "s3",
     "GetBucketAcl",
     true,
     false,
     R"({"bucketName":"$b","Host":"$b.s3.us-east-1.amazonaws.com","acl":""})",
     {},
     R"([{"accountId":"629845012331","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::$b"}])"},
    {2, service, "lambda", "Invoke", false, true,
     R"({"functionName":"arn:aws:lambda:us-east-1:629845012331:function:$f"})"},
    {2, person, "cloudwatch", "GetMetricData", true, false, {}},
    {1.5, person, "logs", "DescribeLogGroups", true, false, R"({"limit":50})"},
    {1, person, "s3", "ListBuckets", true, false, R"({"Host":"s3.amazonaws.com"})"},
    {1, person, "s3", "GetBucketLocation", true, false,
     R"({"bucketName":"$b","location":"","Host":"s3.amazonaws.com"})"},
    {1, person, "iam", "ListRoles", true, false, R"({"maxItems":1000})"},
    {0.6, person, "iam", "GetUser", true, false},
    {0.8, person, "rds", "DescribeDBInstances", true, false, R"({"maxRecords":100})"},
    {0.5, person, "cloudtrail", "LookupEvents", true, false,
     R"({"maxResults":50,"lookupAttributes":[{"attributeKey":"ReadOnly","attributeValue":"false"}]})"},
    {0.5, person, "sts", "GetCallerIdentity", true, false},
    {2, automation, "sts", "GetCallerIdentity", true, false},
    {1, automation, "ecr", "GetAuthorizationToken", true, false},
    {1, automation, "ecs", "UpdateService", false, false,
     R"({"cluster":"prod","service":"$f","desiredCount":$n,"taskDefinition":"$f:$n","forceNewDeployment":true})",
     R"({"service":{"serviceArn":"arn:aws:ecs:us-east-1:629845012331:service/prod/$f","serviceName":"$f","status":"ACTIVE","desiredCount":4,"runningCount":4,"pendingCount":0,"launchType":"FARGATE"}})"},
    {0.8, automation, "cloudformation", "DescribeStacks", true, false, R"({"stackName":"prod-$f"})"},
    {0.4, automation, "lambda", "UpdateFunctionCode20150331v2", false, false,
     R"({"functionName":"$f","s3Bucket":"$b","s3Key":"lambda/$h.zip","publish":true,"dryRun":false})",
     R"({"functionName":"$f","functionArn":"arn:aws:lambda:us-east-1:629845012331:function:$f","runtime":"python3.8","handler":"app.handler","codeSize":$n,"version":"$n","lastModified":"2024-01-01T00:00:00.000+0000"})"},
});

}  // namespace

std::span<const CallTemplate> call_templates() { return kTemplates; }

}  // namespace sightline::replay
