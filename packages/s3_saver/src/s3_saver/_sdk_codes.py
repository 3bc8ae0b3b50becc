"""Error codes of S3 and similar stores, with their fixes, and the permission of each call."""

# Which permission a call needs: Service Authorization Reference, "Actions, resources, and condition
# keys for Amazon S3".
PERMISSIONS = {
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "CompleteMultipartUpload": "s3:PutObject",
    "CopyObject": "s3:GetObject and s3:PutObject",
    "CreateBucket": "s3:CreateBucket",
    "CreateMultipartUpload": "s3:PutObject",
    "DeleteBucketPolicy": "s3:DeleteBucketPolicy",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetBucketPolicy": "s3:GetBucketPolicy",
    "GetObject": "s3:GetObject and s3:ListBucket",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject and s3:ListBucket",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "ListParts": "s3:ListMultipartUploadParts",
    "PutBucketAcl": "s3:PutBucketAcl",
    "PutBucketCors": "s3:PutBucketCORS",
    "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "PutBucketPolicy": "s3:PutBucketPolicy",
    "PutObject": "s3:PutObject",
    "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:GetObject and s3:PutObject",
}
BAD_CREDENTIALS = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
OVERLOADED = {
    "BandwidthLimitExceeded",
    "ConditionalRequestConflict",
    "InternalError",
    "OperationAborted",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "SlowDownRead",
    "SlowDownWrite",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
}
# Codes of full stores, besides those that contain "Quota".
FULL = {"EntityTooLargeForBucket", "StorageCapExceeded", "StorageFull", "XMinioStorageFull"}
# By code, the fix of what is answered by 403 and no policy can allow.
ACCESS_FIXES = {
    "AccountProblem": "the account has a problem: ask the provider",
    "AllAccessDisabled": "the provider has disabled the bucket or the account: ask there",
    "InvalidObjectState": "the object is archived: restore it first",
    "RequestExpired": "set this machine's clock",
    "RequestTimeTooSkewed": "set this machine's clock",
}
# By code, the fix of what is answered otherwise.
OTHER_FIXES = {
    "AccessControlListNotSupported": "the bucket has ACLs disabled: leave out acl and allow reading"
    " by a bucket policy",
    "BucketAlreadyExists": "choose another name: all accounts share them",
    "IllegalLocationConstraintException": "make it in the client's own region, or correct"
    " the region",
    "NotImplemented": "this store does not have that call, or a header of it",
}
# Calls that need a bucket and no object.
OF_BUCKETS = {
    "CreateMultipartUpload",
    "DeleteObjects",
    "ListObjects",
    "ListObjectsV2",
    "PutObject",
}
TAKEN_BUCKET = {"BucketAlreadyExists", "BucketAlreadyOwnedByYou"}
